import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { get, send } from '../../api/client';
import { useControls, useCurrency, usePlan, useWorkloads } from '../../api/queries';
import type { Explanation, PlaceOption } from '../../api/types';
import { useMay } from '../../app/session';
import { usePace } from '../../live/LiveProvider';
import { FormDialog } from '../../ui/Dialog';
import { money, number, seconds, time } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, PlaceTag, Stat, Tag } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { MoveList } from './MoveList';

/** One workload: where it runs, why, what else there would be, and pins. */
export default function WorkloadPage({ device, workload }: { device: string; workload: string }) {
  const { t } = useTranslation();
  const plan = usePlan();
  const own = useWorkloads().data?.find((work) => work.device === device && work.workload === workload);
  const why = useQuery({
    queryKey: ['plan', 'why', device, workload],
    refetchInterval: usePace(3000),
    queryFn: ({ signal }) => get<Explanation>(`/plan/workloads/${device}/${workload}`, {}, signal),
  });
  return (
    <>
      <PageHead
        title={`${device}/${workload}`}
        lead={
          <span className="row">
            {own && <PlaceTag place={own.recipe === 'whole' ? own.place : own.recipe} />}
            <Link href={`/devices/${device}`}>{device}</Link>
          </span>
        }
      >
        <Pinning device={device} workload={workload} options={why.data?.options ?? []} />
      </PageHead>
      <div className="stack">
        {own && (
          <div className="stats dense">
            <Stat label={t('work.rate')} value={number(own.inferencesPerSecond)} unit={t('overview.perSecond')} />
            <Stat label={t('work.deadline')} value={seconds(own.deadlineSeconds)} />
            <Stat label={t('work.localP99')} value={seconds(own.localP99Seconds)} />
            <Stat label={t('work.hubP99')} value={seconds(own.hubP99Seconds)} />
            <Stat label={t('work.late')} value={number(own.late)} tone={own.late > 0 ? 'warn' : undefined} />
            <Stat
              label={t('work.model')}
              value={
                <span className="middle">
                  {own.model}/{own.modelVersion}
                </span>
              }
              note={own.executionProvider}
            />
          </div>
        )}
        <Answer query={why}>{(explained) => <Why explained={explained} />}</Answer>
        <Panel title={t('work.moves')}>
          <MoveList
            moves={plan.data?.moves.filter((move) => move.device === device && move.workload === workload) ?? []}
          />
        </Panel>
      </div>
    </>
  );
}

function Why({ explained }: { explained: Explanation }) {
  const { t } = useTranslation();
  const { placement, options, waiting } = explained;
  const currency = useCurrency();
  return (
    <div className="grid two">
      <Panel title={t('work.why')}>
        <dl className="facts">
          <dt>{t('work.place')}</dt>
          <dd>
            <PlaceTag place={placement.place} /> <span className="code">{placement.node}</span>{' '}
            {placement.preparing && <Tag tone="warn">{t('work.preparing')}</Tag>}
          </dd>
          <dt>{t('work.since')}</dt>
          <dd>{time(placement.sinceMicros)}</dd>
          <dt>{t('work.reason')}</dt>
          <dd>{placement.reason}</dd>
          {explained.why && (
            <>
              <dt>{t('work.binds')}</dt>
              <dd>{explained.why}</dd>
            </>
          )}
          {waiting && (
            <>
              <dt>{t('work.waiting')}</dt>
              <dd>
                {waiting.from} → {waiting.to}: {waiting.waitsFor}
              </dd>
            </>
          )}
        </dl>
      </Panel>
      <Panel title={t('work.options')} flush>
        {options.length === 0 ? (
          <Empty title={t('work.noOptions')} />
        ) : (
          <div className="table-scroll" tabIndex={0} role="group" aria-label={t('work.options')}>
            <table className="plain">
              <thead>
                <tr>
                  <th>{t('work.node')}</th>
                  <th>{t('work.recipe')}</th>
                  <th className="n">{t('work.p99')}</th>
                  <th className="n">{t('work.cost')}</th>
                  <th>{t('work.limit')}</th>
                </tr>
              </thead>
              <tbody>
                {options.map((option) => (
                  <tr key={`${option.node} ${option.recipe}`}>
                    <th scope="row" className="code">
                      {option.node}
                    </th>
                    <td>{t(`place.${option.recipe as 'whole'}`, { defaultValue: option.recipe })}</td>
                    <td className="n">{option.latencySeconds === null ? '–' : seconds(option.latencySeconds)}</td>
                    <td className="n">{option.costPerHour === null ? '–' : money(option.costPerHour, currency)}</td>
                    <td className="wrap">
                      {option.limit ? (
                        <span className="warn">{option.limit}</span>
                      ) : (
                        <span className="good">{t('work.free')}</span>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </div>
  );
}

function Pinning({ device, workload, options }: { device: string; workload: string; options: PlaceOption[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const pin = useControls().data?.pins.find((known) => known.device === device && known.workload === workload);
  if (!useMay('operator')) return null;
  const path = `/plan/pins/${device}/${workload}`;
  const unpin = async () => {
    try {
      await send('DELETE', path);
      say(t('work.unpinned'));
      await queries.invalidateQueries();
    } catch (fault) {
      sayFault(fault);
    }
  };
  const nodes = [...new Set([device, 'hub', ...options.map((option) => option.node)])];
  return (
    <>
      {pin && <Tag tone="accent">{t('work.pinned', { node: pin.node })}</Tag>}
      {pin && (
        <button type="button" className="button" onClick={() => void unpin()}>
          {t('work.unpin')}
        </button>
      )}
      <button type="button" className="button primary" onClick={() => setAsking(true)}>
        {t('work.pin')}
      </button>
      {asking && (
        <FormDialog
          title={t('work.pinTitle', { workload: `${device}/${workload}` })}
          submit={t('work.pin')}
          onClose={() => setAsking(false)}
          onSubmit={async (form) => {
            await send('PUT', path, { node: form.get('node'), recipe: form.get('recipe') || null });
            await queries.invalidateQueries();
          }}
        >
          <p className="quiet">{t('work.pinHint')}</p>
          <label className="field">
            <span>{t('work.node')}</span>
            <select className="input" name="node" defaultValue={pin?.node ?? 'hub'}>
              {nodes.map((node) => (
                <option key={node}>{node}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>{t('work.recipe')}</span>
            <select className="input" name="recipe" defaultValue={pin?.recipe ?? ''}>
              <option value="">{t('work.anyRecipe')}</option>
              {(['whole', 'cascade', 'split'] as const).map((recipe) => (
                <option key={recipe} value={recipe}>
                  {t(`place.${recipe}`)}
                </option>
              ))}
            </select>
          </label>
        </FormDialog>
      )}
    </>
  );
}
