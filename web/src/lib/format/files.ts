// Files that the page hands out.
type Cell = string | number | null;

export function fileName(title: string, ending: string) {
  const plain = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return `${plain || 'file'}.${ending}`;
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

export function saveJson(value: unknown, name: string) {
  const text = JSON.stringify(value, null, 2) + '\n';
  saveBlob(new Blob([text], { type: 'application/json' }), name);
}

/** A number, or a telephone number: a spreadsheet runs nothing of it. */
const isNumber = /^[+-]?[\d .,()/]+$/;

/** Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP). */
function csvCell(cell: Cell) {
  if (cell === null) return '';
  const text = String(cell);
  const safe = /^[=+\-@\t\r]/.test(text) && !isNumber.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function saveCsv(title: string, rows: Cell[][]) {
  const text = rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
  // The mark tells spreadsheets that it is UTF-8.
  saveBlob(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }), fileName(title, 'csv'));
}
