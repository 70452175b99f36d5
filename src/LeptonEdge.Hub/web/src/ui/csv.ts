/** One column of an export: its heading and what of a row is in it. */
export interface CsvColumn<T> {
  name: string;
  value: (row: T) => string | number | boolean | null | undefined;
}

/** Rows as comma-separated values (RFC 4180). What a spreadsheet would take for a formula is told as text. */
export function csvOf<T>(rows: T[], columns: CsvColumn<T>[]): string {
  const line = (cells: unknown[]) => cells.map(cell).join(',');
  return [line(columns.map((column) => column.name)), ...rows.map((row) => line(columns.map((c) => c.value(row))))]
    .map((text) => `${text}\r\n`)
    .join('');
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Has the browser save a text as a file. */
export function saveText(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const address = URL.createObjectURL(new Blob(['\ufeff', text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

export const saveCsv = <T>(name: string, rows: T[], columns: CsvColumn<T>[]): void =>
  saveText(`${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.csv`, csvOf(rows, columns));
