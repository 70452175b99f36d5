import i18next from 'i18next';

const locale = (): string => (i18next.language === 'zh' ? 'zh-CN' : 'en-GB');

export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e6)
    return new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: digits }).format(value);
  if (size > 0 && size < 1e-3) return value.toExponential(1);
  const places = size >= 1000 ? 0 : size >= 100 ? 0 : size >= 10 ? 1 : digits - 1;
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: places }).format(value);
}

export const count = (value: number): string => new Intl.NumberFormat(locale()).format(value);

/** Of a share from 0 to 1. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share)
    ? new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(share)
    : '–';
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [value, 0];
  while (size >= 1024 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${number(size)} ${units[unit]}`;
}

export function seconds(value: number): string {
  if (!Number.isFinite(value) || value <= 0) return '–';
  if (value < 1e-3) return `${number(value * 1e6)} µs`;
  if (value < 1) return `${number(value * 1e3)} ms`;
  return duration(value);
}

export function duration(value: number): string {
  if (value < 60) return `${number(value, 2)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min`;
  if (value < 86400) return `${Math.floor(value / 3600)} h ${Math.floor((value % 3600) / 60)} min`;
  return `${Math.floor(value / 86400)} d ${Math.floor((value % 86400) / 3600)} h`;
}

export function money(value: number, currency: string): string {
  const digits = Math.abs(value) < 0.01 ? 6 : Math.abs(value) < 10 ? 3 : 2;
  if (!currency) return number(value);
  try {
    return new Intl.NumberFormat(locale(), { style: 'currency', currency, maximumFractionDigits: digits }).format(
      value,
    );
  } catch {
    return `${number(value)} ${currency}`;
  }
}

/** The year only where it is asked for: most of what is shown is of today. */
export const time = (micros: number, year = false): string =>
  new Date(micros / 1000).toLocaleString(locale(), {
    ...(year && { year: 'numeric' as const }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });

export const clock = (micros: number): string =>
  new Date(micros / 1000).toLocaleTimeString(locale(), { hourCycle: 'h23' });

/** How long ago, in a few letters. */
export function ago(micros: number, now = Date.now()): string {
  if (!micros) return i18next.t('state.never');
  const past = Math.max(0, now - micros / 1000) / 1000;
  if (past < 5) return i18next.t('state.now');
  return new Intl.RelativeTimeFormat(locale(), { style: 'narrow' }).format(...relative(past));
}

function relative(past: number): [number, Intl.RelativeTimeFormatUnit] {
  if (past < 60) return [-Math.floor(past), 'second'];
  if (past < 3600) return [-Math.floor(past / 60), 'minute'];
  if (past < 86400) return [-Math.floor(past / 3600), 'hour'];
  return [-Math.floor(past / 86400), 'day'];
}

/** A tick of a time axis, as fine as the axis is. */
export function axisTime(seconds: number, step: number): string {
  const at = new Date(seconds * 1000);
  if (step >= 86_400)
    return at.toLocaleDateString(
      locale(),
      step >= 2_400_000 ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' },
    );
  const midnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
  if (midnight) return at.toLocaleDateString(locale(), { day: 'numeric', month: 'short' });
  return at.toLocaleTimeString(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(step < 60 ? { second: '2-digit' } : {}),
  });
}
