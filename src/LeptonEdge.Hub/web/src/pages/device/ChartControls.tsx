import { useTranslation } from 'react-i18next';
import { pathOf } from '../../api/client';
import { Icon } from '../../ui/icons';
import { moved, SPANS, zoomed, type Range } from './range';

const STANDARD = 300;

/** What of the channel is seen, and the way to take it along. */
export function ChartControls({
  range,
  onRange,
  now,
  address,
  ends,
}: {
  range: Range;
  onRange: (range: Range) => void;
  now: number;
  address: string;
  ends: [number, number];
}) {
  const { t } = useTranslation();
  const follows = 'seconds' in range;
  const button = (label: string, sign: string, next: Range, disabled = false) => (
    <button
      type="button"
      className="button small"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={() => onRange(next)}
    >
      {sign}
    </button>
  );
  const [from, to] = [Math.round(ends[0] * 1e6), Math.round(ends[1] * 1e6)];
  return (
    <div className="row chart-bar" role="group" aria-label={t('chart.range')}>
      {SPANS.map((seconds) => (
        <button
          key={seconds}
          type="button"
          className="button small"
          aria-pressed={follows && range.seconds === seconds}
          onClick={() => onRange({ seconds })}
        >
          {t(`chart.span.s${seconds}`)}
        </button>
      ))}
      <span className="row">
        {button(t('chart.back'), '←', moved(range, -0.5, now))}
        {button(t('chart.forth'), '→', moved(range, 0.5, now), follows)}
        {button(t('chart.nearer'), '+', zoomed(range, 0.5, now))}
        {button(t('chart.wider'), '−', zoomed(range, 2, now))}
        {!follows && (
          <button type="button" className="button small" onClick={() => onRange({ seconds: STANDARD })}>
            {t('chart.follow')}
          </button>
        )}
      </span>
      <a className="button small plain" download href={pathOf(address, { from, to, format: 'csv' })}>
        <Icon name="upload" />
        {t('act.export')}
      </a>
    </div>
  );
}
