import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { send } from '../../api/client';
import { useControls, useDevices } from '../../api/queries';
import type { PlanControls } from '../../api/types';
import { useMay } from '../../app/session';
import { FormDialog } from '../../ui/Dialog';
import { Answer, Empty, Panel, Tag } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';

/** What operators told the planner: nodes that shall be empty, and workloads that shall stay. */
export function Drains() {
  const { t } = useTranslation();
  const controls = useControls();
  const may = useMay('operator');
  const [asking, setAsking] = useState(false);
  const change = useChange();
  const drain = may && (
    <button type="button" className="button small primary" onClick={() => setAsking(true)}>
      {t('work.drainNode')}
    </button>
  );
  return (
    <Answer query={controls} lines={6}>
      {(told) => (
        <div className="grid two">
          <Panel title={t('work.drainTitle')} end={drain}>
            {told.drained.length === 0 ? (
              <Empty icon="check" title={t('work.drainNone')}>
                {t('work.drainHint')}
              </Empty>
            ) : (
              <ul className="list">
                {told.drained.map((node) => (
                  <li key={node}>
                    <NodeName node={node} />
                    <Tag tone="warn">{t('state.drained')}</Tag>
                    {may && (
                      <button
                        type="button"
                        className="button small when"
                        aria-label={`${t('work.undrain')} ${node}`}
                        onClick={() =>
                          void change(
                            'DELETE',
                            `/plan/drained/${encodeURIComponent(node)}`,
                            t('work.undrained', { node }),
                          )
                        }
                      >
                        {t('work.undrain')}
                      </button>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </Panel>
          <Pins told={told} />
          {asking && <DrainDialog onClose={() => setAsking(false)} />}
        </div>
      )}
    </Answer>
  );
}

function Pins({ told }: { told: PlanControls }) {
  const { t } = useTranslation();
  const may = useMay('operator');
  const change = useChange();
  return (
    <Panel title={t('work.pins')}>
      {told.pins.length === 0 ? (
        <Empty icon="pin" title={t('work.noPins')}>
          {t('work.noPinsHint')}
        </Empty>
      ) : (
        <ul className="list">
          {told.pins.map((pin) => (
            <li key={`${pin.device}/${pin.workload}`}>
              <Link className="cut" href={`/workloads/${pin.device}/${pin.workload}`}>
                {pin.device}/{pin.workload}
              </Link>
              <Tag tone="accent">{t('work.pinned', { node: pin.node })}</Tag>
              {may && (
                <button
                  type="button"
                  className="button small when"
                  aria-label={`${t('work.unpin')} ${pin.device}/${pin.workload}`}
                  onClick={() => void change('DELETE', `/plan/pins/${pin.device}/${pin.workload}`, t('work.unpinned'))}
                >
                  {t('work.unpin')}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** A device's page; the hub and pools have none. */
const NodeName = ({ node }: { node: string }) =>
  node === 'hub' || node.startsWith('pool:') ? (
    <span className="code">{node}</span>
  ) : (
    <Link href={`/devices/${node}`}>{node}</Link>
  );

function DrainDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const devices = useDevices().data ?? [];
  const submit = async (form: FormData) => {
    const node = String(form.get('node')).trim();
    await send('PUT', `/plan/drained/${encodeURIComponent(node)}`);
    say(t('work.drainedNow', { node }));
    await queries.invalidateQueries();
  };
  return (
    <FormDialog title={t('work.drainNode')} submit={t('fleet.drain')} danger onClose={onClose} onSubmit={submit}>
      <p className="quiet">{t('work.drainHint')}</p>
      <label className="field">
        <span>{t('work.node')}</span>
        <input className="input" name="node" required list="drain-nodes" autoFocus defaultValue="hub" />
        <datalist id="drain-nodes">
          {['hub', ...devices.map((device) => device.device)].map((node) => (
            <option key={node} value={node} />
          ))}
        </datalist>
        <span className="hint">{t('work.nodeHint')}</span>
      </label>
    </FormDialog>
  );
}

function useChange() {
  const queries = useQueryClient();
  return async (method: 'PUT' | 'DELETE', path: string, done: string) => {
    try {
      await send(method, path);
      say(done);
      await queries.invalidateQueries();
    } catch (fault) {
      sayFault(fault);
    }
  };
}
