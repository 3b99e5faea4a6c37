// The picture as a file. Styles come from the page's style sheet, so they are
// written into the copy first.

const kept = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-opacity', 'opacity', 'paint-order', 'stroke-linejoin', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'display'];

/** The SVG element as a document of its own, with a caption below. */
export function svgText(svg: SVGSVGElement, caption: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    const target = to[i]!;
    for (const name of kept) {
      const value = style.getPropertyValue(name);
      if (value !== '') target.setAttribute(name, value);
    }
    for (const name of ['class', 'role', 'tabindex', 'aria-label', 'aria-pressed', 'style']) target.removeAttribute(name);
  });
  for (const hidden of copy.querySelectorAll('[display="none"], [data-tool]')) hidden.remove();
  const { width, height } = svg.getBoundingClientRect();
  const page = getComputedStyle(document.documentElement);
  const ns = 'http://www.w3.org/2000/svg';
  const ground = document.createElementNS(ns, 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(svg.parentElement!).backgroundColor);
  copy.prepend(ground);
  const text = document.createElementNS(ns, 'text');
  text.textContent = caption;
  text.setAttribute('x', '12');
  text.setAttribute('y', String(height + 18));
  text.setAttribute('font-size', '12');
  text.setAttribute('font-family', page.getPropertyValue('--sans'));
  text.setAttribute('fill', getComputedStyle(document.body).color);
  copy.append(text);
  copy.setAttribute('xmlns', ns);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height + 28));
  copy.setAttribute('viewBox', `0 0 ${width} ${height + 28}`);
  return new XMLSerializer().serializeToString(copy);
}

export function download(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Draws the text of an SVG at twice its size. */
export async function png(text: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot draw the picture');
  context.scale(2, 2);
  context.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('this browser cannot write the picture'))), 'image/png'));
}
