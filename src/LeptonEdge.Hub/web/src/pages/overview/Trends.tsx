import { useTranslation } from 'react-i18next';
import { useHub, useTrend } from '../../api/queries';
import type { Hub, HubTrend } from '../../api/types';
import { Trend } from '../../charts/Trend';
import { clock, money, number, percent } from '../../ui/format';
import { Panel } from '../../ui/parts';

type Point = HubTrend['points'][number];
const HOUR_MICROS = 3600e6;

/** The last hour as four small charts, from what the hub kept; what the stream tells goes on from there. */
export function Trends() {
  const { t } = useTranslation();
  const trend = useTrend();
  const hub = useHub().data;
  // Who sees some sites only is refused the figures of the whole fleet.
  if (trend.error && !trend.data) return null;
  const points = trend.data?.points ?? [];
  const all =
    hub && points.length > 0 && hub.timeMicros > points.at(-1)!.timeMicros ? [...points, pointOf(hub)] : points;
  const currency = hub?.currency ?? '';
  const perSecond = t('overview.perSecond');
  return (
    <div className="trends" aria-busy={!trend.data}>
      <Chart
        title={t('overview.readings')}
        points={all}
        of={(point) => point.readingsPerSecond}
        floor={0}
        say={(value) => `${number(value)}${perSecond}`}
      />
      <Chart
        title={t('overview.inferences')}
        points={all}
        of={(point) => point.inferencesPerSecond}
        color="s3"
        floor={0}
        say={(value) => `${number(value)}${perSecond}`}
      />
      <Chart
        title={t('overview.deadline')}
        points={all}
        of={(point) => point.deadlineShare}
        color="s4"
        floor={0.9}
        say={(value) => percent(value, 2)}
      />
      <Chart
        title={t('overview.cost')}
        points={all}
        of={(point) => point.costPerHour}
        color="s2"
        floor={0}
        say={(value) => `${money(value, currency)}${t('overview.perHour')}`}
      />
    </div>
  );
}

function Chart({
  title,
  points,
  of,
  color,
  say,
  floor,
}: {
  title: string;
  points: Point[];
  of: (point: Point) => number | null;
  color?: string;
  say: (value: number) => string;
  floor?: number;
}) {
  const { t } = useTranslation();
  const values = points.map(of);
  const known = values.filter((value): value is number => value !== null);
  const to = points.at(-1)?.timeMicros ?? 0;
  // A hub that has just started fills the width with what there is, and not with emptiness.
  const from = Math.max(to - HOUR_MICROS, points[0]?.timeMicros ?? 0);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const words =
    known.length > 0 ? t('overview.trendWords', { low: say(low), high: say(high) }) : t('overview.trendNone');
  return (
    <Panel
      title={title}
      className="trend-panel"
      end={<b className="figures">{known.length > 0 ? say(known.at(-1)!) : '–'}</b>}
    >
      <div role="img" aria-label={`${title}: ${words}`}>
        <Trend
          times={points.map((point) => point.timeMicros)}
          values={values}
          color={color}
          from={from}
          to={to}
          floor={floor}
        />
      </div>
      <p className="quiet tiny ends">
        <span>{to > 0 && clock(from)}</span>
        <span>{words}</span>
        <span>{to > 0 && clock(to)}</span>
      </p>
    </Panel>
  );
}

const pointOf = (hub: Hub): Point => ({
  timeMicros: hub.timeMicros,
  readingsPerSecond: hub.rates.readingsPerSecond,
  inferencesPerSecond: hub.rates.inferencesPerSecond,
  deadlineShare: hub.deadlines.share,
  costPerHour: hub.plan.costPerHour,
  online: hub.devices.online,
  alarms: hub.alarms.active,
});
