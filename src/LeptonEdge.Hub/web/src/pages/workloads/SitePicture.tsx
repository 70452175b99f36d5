import { useMemo, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device, Move, Workload } from '../../api/types';
import { count, number } from '../../ui/format';
import { bySite, type Side, type SiteGroup } from './places';
import { useDots } from './useDots';

const SHOWN = 14;
const ROW = 34;
const TOP = 30;
const WIDTH = 720;
const BAR = { from: 150, width: 290 };
const HUB = 500;
const SIDES: Side[] = ['local', 'peer', 'both', 'hub'];

/** Thousands of workloads: a row for each of the largest sites, with a bar of where its work is answered. */
export function SitePicture({
  workloads,
  moves,
  devices,
}: {
  workloads: Workload[];
  moves: Move[];
  devices: Device[];
}) {
  const { t } = useTranslation();
  const sites = useMemo(() => new Map(devices.map((device) => [device.device, device.site])), [devices]);
  const all = useMemo(() => bySite(workloads, (device) => sites.get(device) ?? ''), [workloads, sites]);
  const groups = useMemo(() => gathered(all, t('work.otherSites', { count: all.length - SHOWN })), [all, t]);
  const rows = new Map(groups.map((group, at) => [group.site, at]));
  const height = groups.length * ROW + TOP + 16;
  const most = Math.max(...groups.map((group) => group.total));
  const yOf = (at: number) => TOP + at * ROW + ROW / 2 + 4;
  const words = groups
    .map(
      (group) =>
        `${group.site}: ${SIDES.filter((side) => group.counts[side] > 0)
          .map((side) => `${t(`work.side.${side}`)} ${group.counts[side]}`)
          .join(', ')}`,
    )
    .join('; ');
  return (
    <figure className="flow">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={words}>
        <rect x="6" y={TOP} width={BAR.from + BAR.width} height={height - TOP - 6} rx="10" className="zone edge" />
        <rect x={HUB} y={TOP} width={WIDTH - HUB - 6} height={height - TOP - 6} rx="10" className="zone hub" />
        <text x="18" y="20" className="zone-name">
          {t('sites.all')}
        </text>
        <text x={HUB + 12} y="20" className="zone-name">
          {t('place.hub')}
        </text>
        {groups.map((group, at) => (
          <Row key={group.site} group={group} y={yOf(at)} most={most} />
        ))}
        {useDots(moves).map(({ key, move }) => {
          const row = rows.get(sites.get(move.device) ?? '') ?? groups.length - 1;
          const [from, to] = [ends(move.from), ends(move.to)];
          const style = { '--from': `${from}px`, '--to': `${to}px`, '--y': `${yOf(row)}px` } as CSSProperties;
          return <circle key={key} r="5" className="dot-flies" style={style} />;
        })}
      </svg>
      <figcaption className="legend small">
        {SIDES.map((side) => (
          <span key={side}>
            <i className={side} aria-hidden="true" />
            {t(`work.side.${side}`)}{' '}
            <b className="figures">{count(all.reduce((total, group) => total + group.counts[side], 0))}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Row({ group, y, most }: { group: SiteGroup; y: number; most: number }) {
  const { t } = useTranslation();
  const scale = BAR.width / most;
  let x = BAR.from;
  return (
    <g>
      <text x="18" y={y + 4}>
        {group.site.length > 15 ? `${group.site.slice(0, 14)}…` : group.site}
      </text>
      {SIDES.filter((side) => group.counts[side] > 0).map((side) => {
        const width = group.counts[side] * scale;
        x += width;
        return (
          <rect
            key={side}
            className={`part ${side}`}
            x={x - width}
            y={y - 7}
            width={Math.max(1, width - 1)}
            height="14"
            rx="3"
          />
        );
      })}
      {group.counts.hub + group.counts.both > 0 && (
        <line className="wire flows" x1={BAR.from + group.total * scale + 4} x2={HUB + 12} y1={y} y2={y} />
      )}
      <text x={HUB + 24} y={y + 4} className="rate">
        {count(group.counts.hub + group.counts.both)} / {count(group.total)} · {number(group.rate)}
        {t('overview.perSecond')}
      </text>
    </g>
  );
}

/** The largest sites, and all others as one row. */
function gathered(groups: SiteGroup[], others: string): SiteGroup[] {
  if (groups.length <= SHOWN + 1) return groups;
  const rest = groups
    .slice(SHOWN)
    .reduce((sum, group) => ({
      site: others,
      total: sum.total + group.total,
      rate: sum.rate + group.rate,
      counts: {
        local: sum.counts.local + group.counts.local,
        peer: sum.counts.peer + group.counts.peer,
        both: sum.counts.both + group.counts.both,
        hub: sum.counts.hub + group.counts.hub,
      },
    }));
  return [...groups.slice(0, SHOWN), { ...rest, site: others }];
}

const ends = (place: string): number =>
  place === 'hub' ? HUB + 110 : BAR.from + BAR.width / (place === 'peer' ? 2 : 4);
