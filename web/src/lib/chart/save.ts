// A chart's picture as a file: what is drawn, with its title and what the lines are.
import type uPlot from 'uplot';
import { fileName, saveBlob } from '$lib/format/files';
import { themeColour, type ChartLine } from './draw';

const HEAD_PX = 56;

export function savePicture(title: string, plot: uPlot, lines: ChartLine[]) {
  const chart = plot.ctx.canvas;
  const scale = devicePixelRatio || 1;
  const picture = document.createElement('canvas');
  picture.width = chart.width;
  picture.height = chart.height + HEAD_PX * scale;
  const ctx = picture.getContext('2d');
  if (!ctx) return;
  const family = getComputedStyle(plot.root).fontFamily;
  const text = themeColour(plot.root, '--text');
  ctx.fillStyle = themeColour(plot.root, '--surface');
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.scale(scale, scale);
  ctx.fillStyle = text;
  ctx.font = `600 14px ${family}`;
  ctx.fillText(title, 12, 22);
  ctx.font = `12px ${family}`;
  let left = 12;
  lines.forEach((line, i) => {
    ctx.fillStyle = String((plot.series[i + 1]?.stroke as () => string)?.() ?? text);
    ctx.fillRect(left, 36, 12, 4);
    ctx.fillStyle = text;
    ctx.fillText(line.label, left + 18, 42);
    left += 34 + ctx.measureText(line.label).width;
  });
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.drawImage(chart, 0, HEAD_PX * scale);
  picture.toBlob((blob) => blob && saveBlob(blob, fileName(title, 'png')));
}
