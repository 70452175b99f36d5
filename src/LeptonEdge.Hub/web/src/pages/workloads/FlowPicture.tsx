import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Move, Workload } from '../../api/types';
import { number } from '../../ui/format';
import { Empty } from '../../ui/parts';

const SHOWN = 10;
const ROW = 34;
const WIDTH = 720;
const MOVING_MICROS = 8e6;

type Side = 'local' | 'peer' | 'both' | 'hub';
const sideOf = (work: Workload): Side =>
  work.recipe !== 'whole' ? 'both' : work.place === 'hub' ? 'hub' : work.place === 'peer' ? 'peer' : 'local';
const COLUMN: Record<Side, number> = { local: 232, peer: 350, both: 450, hub: 590 };

/** Edge on the left, hub on the right, and each workload where it is answered; one that moves slides across. */
export function FlowPicture({ workloads, moves }: { workloads: Workload[]; moves: Move[] }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  if (workloads.length === 0)
    return (
      <Empty icon="workloads" title={t('work.none')}>
        {t('work.noneHint')}
      </Empty>
    );
  const shown = [...workloads].sort((one, two) => two.inferencesPerSecond - one.inferencesPerSecond).slice(0, SHOWN);
  const height = shown.length * ROW + 46;
  const now = Date.now() * 1000;
  const words = shown
    .map(
      (work) =>
        `${work.device}/${work.workload}: ${t(`place.${(work.recipe === 'whole' ? work.place : work.recipe) as 'hub'}`)}`,
    )
    .join('; ');
  return (
    <figure className="flow">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={words}>
        <rect x="6" y="30" width="300" height={height - 36} rx="10" className="zone edge" />
        <rect x="480" y="30" width="234" height={height - 36} rx="10" className="zone hub" />
        <text x="18" y="20" className="zone-name">
          {t('work.edge')}
        </text>
        <text x="492" y="20" className="zone-name">
          {t('place.hub')}
        </text>
        {shown.map((work, at) => {
          const y = 30 + at * ROW + ROW / 2 + 4;
          const [side, x] = [sideOf(work), COLUMN[sideOf(work)]];
          const moving = moves.some(
            (move) =>
              move.device === work.device && move.workload === work.workload && move.timeMicros > now - MOVING_MICROS,
          );
          return (
            <g
              key={`${work.device}/${work.workload}`}
              className="work"
              onClick={() => go(`/workloads/${work.device}/${work.workload}`)}
            >
              <text x="18" y={y + 4}>
                {work.device.length + work.workload.length > 28
                  ? `${work.device}/…`
                  : `${work.device}/${work.workload}`}
              </text>
              {side !== 'local' && (
                <line
                  x1="256"
                  x2={x - 10}
                  y1={y}
                  y2={y}
                  className={`wire ${side} ${work.inferencesPerSecond > 0 ? 'flows' : ''}`}
                />
              )}
              <g className="token" style={{ transform: `translate(${x}px, ${y}px)` }}>
                <circle r={9} className={`${side} ${moving ? 'moving' : ''}`} />
                <text x="16" y="4" className="rate">
                  {number(work.inferencesPerSecond)}
                  {t('overview.perSecond')}
                </text>
              </g>
            </g>
          );
        })}
      </svg>
      {workloads.length > SHOWN && (
        <figcaption className="quiet small">{t('work.busiest', { shown: SHOWN, all: workloads.length })}</figcaption>
      )}
    </figure>
  );
}
