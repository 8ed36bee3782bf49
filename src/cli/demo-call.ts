/** The bundled call, as a file of the package. */
export const DEMO_CALL = 'examples/demo-call.wav';
export const DEMO_CHANNELS = [
  { name: 'customer', role: 'customer' },
  { name: 'employee', role: 'employee' },
] as const;
export const SYNTHETIC = 'synthetic voices: this shows the mechanics, not the accuracy';
