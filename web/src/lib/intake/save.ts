// Files that the page hands out: a mapping to keep, rows to mend.
import type { Schemas } from '$lib/api/client';

export function download(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** Quoted; a text that a spreadsheet would run as a formula gets a leading '. */
function cell(value: string | number | null) {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function badRowsCsv(rows: Schemas['ImportBadRow'][], files: Map<number, string>) {
  const lines = rows.map((row) =>
    [
      files.get(row.file) ?? row.file,
      row.row,
      row.line,
      row.column,
      row.value,
      row.refused ? 'row refused' : 'cell left out',
      row.reason,
    ]
      .map(cell)
      .join(','),
  );
  return ['file,row,line,column,value,what,reason', ...lines, ''].join('\r\n');
}
