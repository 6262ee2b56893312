// Draws with uPlot in the colours of the theme, at the size of its frame, and again when either
// changes.
import type uPlot from 'uplot';

export type ChartLine = {
  label: string;
  tone: 'first' | 'second' | 'third' | 'fourth' | 'past';
  /** One value a step; null: no data. */
  values: (number | null)[];
};

type Drawing = {
  frame: HTMLElement;
  steps: { label: string; at: number }[];
  lines: ChartLine[];
  bars: boolean;
  height: number;
  formatShort: (value: number) => string;
  onhover: (index: number | null) => void;
};

const variables = {
  first: '--chart-1',
  second: '--chart-2',
  third: '--chart-3',
  fourth: '--chart-4',
  past: '--chart-past',
} as const;

/** A colour of the theme as the canvas takes it: light-dark() resolved. */
export function themeColour(near: HTMLElement, variable: string) {
  const probe = document.createElement('i');
  probe.style.color = `var(${variable})`;
  near.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function optionsOf(uplot: typeof uPlot, drawing: Drawing): uPlot.Options {
  const { frame, bars } = drawing;
  const grid = themeColour(frame, '--line');
  const text = themeColour(frame, '--text-2');
  const font = `11px ${getComputedStyle(frame).fontFamily}`;
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const paths = bars ? uplot.paths.bars!({ size: [0.7, 48], align: 1 }) : undefined;
  return {
    width: Math.max(frame.clientWidth, 120),
    height: drawing.height,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: !bars } },
    // Days are the API's days: they are drawn as they are called, in no zone.
    tzDate: (seconds) => uplot.tzDate(new Date(seconds * 1000), 'UTC'),
    scales: {
      x: { time: true },
      y: { range: (_, low, high) => [Math.min(low ?? 0, 0), high && high > 0 ? high * 1.08 : 1] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 64 },
      { ...axis, size: 56, values: (_, ticks) => ticks.map(drawing.formatShort) },
    ],
    series: [
      {},
      ...drawing.lines.map((line): uPlot.Series => {
        const colour = themeColour(frame, variables[line.tone]);
        const past = line.tone === 'past';
        return {
          label: line.label,
          stroke: colour,
          width: past ? 1.5 : 2,
          ...(past ? { dash: [4, 4] } : {}),
          ...(bars && !past && paths ? { fill: colour, paths } : {}),
          points: { show: drawing.steps.length < 2 || (!bars && drawing.steps.length < 15) },
        };
      }),
    ],
    hooks: { setCursor: [(plot) => drawing.onhover(plot.cursor.idx ?? null)] },
  };
}

export async function drawChart(drawing: Drawing): Promise<{ plot: uPlot; stop: () => void }> {
  const { default: uplot } = await import('uplot');
  const data: uPlot.AlignedData = [
    drawing.steps.map((step) => step.at),
    ...drawing.lines.map((line) => line.values),
  ];
  const made = { plot: new uplot(optionsOf(uplot, drawing), data, drawing.frame), stop: () => {} };
  const redraw = () => {
    made.plot.destroy();
    made.plot = new uplot(optionsOf(uplot, drawing), data, drawing.frame);
  };
  const resized = new ResizeObserver(() => {
    const width = drawing.frame.clientWidth;
    if (width && width !== made.plot.width) made.plot.setSize({ width, height: drawing.height });
  });
  resized.observe(drawing.frame);
  const themed = new MutationObserver(redraw);
  themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', redraw);
  made.stop = () => {
    resized.disconnect();
    themed.disconnect();
    scheme.removeEventListener('change', redraw);
    made.plot.destroy();
  };
  return made;
}
