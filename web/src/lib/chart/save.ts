// A chart as files: its numbers as CSV, its picture as PNG.
import type uPlot from 'uplot';
import { themeColour, type ChartLine } from './draw';

type Cell = string | number | null;

function fileName(title: string, ending: string) {
  const plain = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return `${plain || 'chart'}.${ending}`;
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP). */
function csvCell(cell: Cell) {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function saveCsv(title: string, rows: Cell[][]) {
  const text = rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
  // The mark tells spreadsheets that it is UTF-8.
  saveBlob(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(title, 'csv'));
}

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
