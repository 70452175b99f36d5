import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Move } from '../../api/types';
import { ago } from '../../ui/format';
import { Empty, PlaceTag, Words } from '../../ui/parts';
import { nameOf } from './places';

const SHOWN = 8;

/** The latest moves, newest first, each with its reason. */
export function MoveList({ moves }: { moves: Move[] }) {
  const { t } = useTranslation();
  if (moves.length === 0)
    return (
      <Empty icon="check" title={t('work.noMoves')}>
        {t('work.noMovesHint')}
      </Empty>
    );
  return (
    <ul className="list moves">
      {moves.slice(0, SHOWN).map((move) => (
        <li key={`${nameOf(move)} ${move.timeMicros}`}>
          <div className="grow">
            <Link href={`/workloads/${nameOf(move)}`}>{nameOf(move)}</Link>
            <span className="row small">
              <PlaceTag place={move.from} /> → <PlaceTag place={move.to} />
              <span className="quiet">{move.toNode}</span>
            </span>
            <p className="quiet small wrap">
              <Words>{move.reason}</Words>
            </p>
          </div>
          <time className="when">{ago(move.timeMicros)}</time>
        </li>
      ))}
    </ul>
  );
}
