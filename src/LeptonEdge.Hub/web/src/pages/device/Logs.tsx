import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLine } from '../../api/types';
import { time } from '../../ui/format';
import { Empty, Loading, Panel, Tag, Words, type Tone } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { Choice, Search } from '../../ui/fields';
import { LEVELS, useLog, type Level, type Log } from './useLog';

const ROW = 22;
const NEAR_END = 40;
const SHORT: Record<string, string> = { information: 'info', warning: 'warn', critical: 'crit' };
const TONE: Record<string, Tone> = { warning: 'warn', error: 'bad', critical: 'bad' };

/** The device's log: its newest lines, and new ones as they are written. */
export default function Logs({ device }: { device: string }) {
  const { t } = useTranslation();
  const [level, setLevel] = useState<Level>('information');
  const [follow, setFollow] = useState(true);
  const [text, setText] = useState('');
  const [attempt, setAttempt] = useState(0);
  const log = useLog(device, level, follow, attempt);
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const has = (line: LogLine) => `${line.category} ${line.message}`.toLowerCase().includes(wanted);
    return wanted ? log.lines.filter(has) : log.lines;
  }, [log.lines, text]);
  const copy = () =>
    navigator.clipboard.writeText(shown.map(lineOf).join('\n')).then(() => say(t('act.copied')), sayFault);
  return (
    <>
      <div className="filters">
        <Search label={t('logs.search')} value={text} onChange={setText} />
        <Choice label={t('logs.level')} value={level} onChange={(value) => setLevel(value as Level)}>
          {LEVELS.map((id) => (
            <option key={id} value={id}>
              {t(`logs.levels.${id}`)}
            </option>
          ))}
        </Choice>
        <button type="button" className="button" aria-pressed={!follow} onClick={() => setFollow(!follow)}>
          {t(follow ? 'logs.pause' : 'logs.follow')}
        </button>
        <button type="button" className="button" disabled={shown.length === 0} onClick={() => void copy()}>
          {t('act.copy')}
        </button>
        <Tag tone={log.state === 'following' ? 'good' : log.state === 'failed' ? 'bad' : 'none'}>
          {t(`logs.states.${log.state}`)}
        </Tag>
        <span className="quiet small" role="status">
          {t('logs.lines', { count: shown.length })}
        </span>
      </div>
      <Panel flush>
        {shown.length > 0 ? (
          <Lines lines={shown} follow={follow} label={t('logs.title', { device })} />
        ) : (
          <Nothing log={log} again={() => setAttempt(attempt + 1)} />
        )}
      </Panel>
    </>
  );
}

function Nothing({ log, again }: { log: Log; again: () => void }) {
  const { t } = useTranslation();
  if (log.state === 'asking') return <Loading lines={8} />;
  if (!log.fault) return <Empty title={t('logs.none')}>{t('logs.noneHint')}</Empty>;
  const kind = log.fault.status === 409 ? 'offline' : log.fault.status === 504 ? 'silent' : 'failed';
  return (
    <Empty
      icon="warning"
      title={t(`logs.${kind}`)}
      action={
        <button type="button" className="button" onClick={again}>
          {t('act.retry')}
        </button>
      }
    >
      {t(`logs.${kind}Hint`)}
      <span className="said small">
        <Words>{log.fault.message}</Words>
      </span>
    </Empty>
  );
}

function Lines({ lines, follow, label }: { lines: LogLine[]; follow: boolean; label: string }) {
  const view = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => view.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  // New lines pull the view along while its end is seen; whoever scrolled back reads on undisturbed.
  useEffect(() => {
    if (follow && atEnd.current) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [virtual, lines, follow]);
  const note = () => {
    const box = view.current!;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  };
  return (
    <div ref={view} className="log" role="log" aria-label={label} aria-live="off" tabIndex={0} onScroll={note}>
      <div style={{ height: virtual.getTotalSize() }} className="log-body" lang="en">
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            className="log-line"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Line line={lines[item.index]!} />
          </div>
        ))}
      </div>
    </div>
  );
}

function Line({ line }: { line: LogLine }) {
  return (
    <>
      <time className="quiet">{time(line.timeMicros)}</time>
      <span className={`level ${TONE[line.level] ?? ''}`}>{SHORT[line.level] ?? line.level}</span>
      <span className="text">
        <span className="quiet" title={line.category}>
          {line.category.split('.').at(-1)}{' '}
        </span>
        {line.message}
        {line.exception && <span className="bad trace">{line.exception}</span>}
      </span>
    </>
  );
}

const lineOf = (line: LogLine): string =>
  `${new Date(line.timeMicros / 1000).toISOString()} ${line.level} ${line.category}: ${line.message}`
  + (line.exception ? `\n${line.exception}` : '');
