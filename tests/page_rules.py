"""What every page of ours keeps to, as a browser can tell; each gives those that do not."""

# what reaches beyond a width
BEYOND = """width => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > width + 0.5)
    .map(each => each.tagName + '.' + each.className)"""

# of each text that is seen: its colour against the nearest ground that is painted, as WCAG 2 counts
CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const light = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    const own = getComputedStyle(element).backgroundColor;
    return own !== 'rgba(0, 0, 0, 0)' || !element.parentElement ? own : ground(element.parentElement);
  };
  const written = element => [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll('main *, header *')]
    .filter(each => each instanceof HTMLElement && each.checkVisibility() && written(each))
    .map(each => {
      const pair = [light(getComputedStyle(each).color), light(ground(each))].sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), each.className + ': ' + each.textContent.trim().slice(0, 30)];
    })
    .filter(([contrast]) => contrast < 4.5);
}"""
