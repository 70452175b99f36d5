import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Move, Workload } from '../../api/types';
import { number } from '../../ui/format';
import { nameOf, placeOf, sideOf, type Side } from './places';
import { useDots } from './useDots';

const ROW = 34;
const TOP = 30;
const WIDTH = 720;
const COLUMN: Record<Side, number> = { local: 232, peer: 350, both: 450, hub: 590 };
const NAME_MAX = 28;

/** Each workload is a token in its row; one that moves slides across. */
export function WorkPicture({ workloads, moves }: { workloads: Workload[]; moves: Move[] }) {
  const { t } = useTranslation();
  const shown = [...workloads].sort((one, two) => nameOf(one).localeCompare(nameOf(two)));
  const moving = new Set(useDots(moves).map(({ move }) => nameOf(move)));
  const height = shown.length * ROW + TOP + 16;
  const words = shown.map((work) => `${nameOf(work)}: ${t(`place.${placeOf(work)}`)}`).join('; ');
  return (
    <figure className="flow">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={words}>
        <rect x="6" y={TOP} width="300" height={height - TOP - 6} rx="10" className="zone edge" />
        <rect x="480" y={TOP} width="234" height={height - TOP - 6} rx="10" className="zone hub" />
        <text x="18" y="20" className="zone-name">
          {t('work.edge')}
        </text>
        <text x="492" y="20" className="zone-name">
          {t('place.hub')}
        </text>
        {shown.map((work, at) => (
          <Token key={nameOf(work)} work={work} y={TOP + at * ROW + ROW / 2 + 4} moving={moving.has(nameOf(work))} />
        ))}
      </svg>
    </figure>
  );
}

function Token({ work, y, moving }: { work: Workload; y: number; moving: boolean }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const side = sideOf(work);
  const x = COLUMN[side];
  const name = nameOf(work);
  const flows = work.inferencesPerSecond > 0 ? 'flows' : '';
  return (
    <g className="work" onClick={() => go(`/workloads/${name}`)}>
      <text x="18" y={y + 4}>
        {name.length > NAME_MAX ? `${name.slice(0, NAME_MAX - 1)}…` : name}
      </text>
      {side !== 'local' && <line x1="256" x2={x - 10} y1={y} y2={y} className={`wire ${side} ${flows}`} />}
      <g className="token" style={{ transform: `translate(${x}px, ${y}px)` }}>
        <circle r={9} className={`${side} ${moving ? 'moving' : ''}`} />
        <text x="16" y="4" className="rate">
          {number(work.inferencesPerSecond)}
          {t('overview.perSecond')}
        </text>
      </g>
    </g>
  );
}
