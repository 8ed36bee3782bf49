export const KERNELS: readonly { readonly entry: string; readonly module: string }[];
export function compileKernel(entry?: string): Promise<Uint8Array>;
export function kernelModule(bytes: Uint8Array): string;
