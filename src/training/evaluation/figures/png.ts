/**
 * A figure as PNG, twice as fine as it is wide.
 *
 * @throws what `import` throws where the renderer has no build for this machine.
 */
export async function pngOf(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js');
  const fonts = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' };
  return new Resvg(svg, { font: fonts, fitTo: { mode: 'zoom', value: 2 }, background: '#FFFFFF' }).render().asPng();
}
