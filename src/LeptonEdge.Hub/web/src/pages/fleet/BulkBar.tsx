import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import type { BulkResult } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { count } from '../../ui/format';
import { say, sayFault } from '../../ui/Toasts';
import type { ApiFilter } from './filter';

type Action = 'drain' | 'undrain' | 'tag' | 'untag';

/** Whom an action is for: devices that were ticked, or all that a filter finds when it is done. */
export type Target = { devices: string[] } | { filter: ApiFilter; count: number };

/** What can be done with many devices at once. */
export function BulkBar({ target, tags, onClear }: { target: Target; tags: string[]; onClear: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Action | null>(null);
  const ticked = 'devices' in target;
  const size = ticked ? target.devices.length : target.count;
  const run = async (action: Action, more: object = {}) => {
    const whom = ticked ? { devices: target.devices } : { filter: target.filter };
    const result = await send<BulkResult>('POST', '/devices/bulk', { action, ...whom, ...more });
    say(t('fleet.bulkDone', { done: count(result.done), all: count(result.done + result.failed) }), result.failed > 0);
    const failed = result.results.find((item) => !item.ok);
    if (failed) sayFault(new Error(`${failed.target}: ${failed.detail ?? ''}`));
    await queries.invalidateQueries();
  };
  const button = (action: Action) => (
    <button type="button" className="button small" onClick={() => setAsking(action)}>
      {t(`fleet.${action}`)}
    </button>
  );
  const close = () => setAsking(null);
  return (
    <div className="bulk" role="group" aria-label={t('fleet.bulk')}>
      <strong>{ticked ? t('fleet.selected', { count: size }) : t('fleet.allFound', { count: size })}</strong>
      {button('tag')}
      {button('untag')}
      {button('drain')}
      {button('undrain')}
      <button type="button" className="button small plain" onClick={onClear}>
        {t('fleet.clearSelection')}
      </button>
      {(asking === 'drain' || asking === 'undrain') && (
        <FormDialog
          title={t(`fleet.${asking}`)}
          submit={t(`fleet.${asking}`)}
          danger={asking === 'drain'}
          onClose={close}
          onSubmit={() => run(asking)}
        >
          <p>{t(asking === 'drain' ? 'fleet.drainSure' : 'fleet.undrainSure', { count: size })}</p>
        </FormDialog>
      )}
      {(asking === 'tag' || asking === 'untag') && (
        <FormDialog
          title={t(`fleet.${asking}`)}
          submit={t('act.apply')}
          onClose={close}
          onSubmit={(form) => run(asking, { tag: form.get('tag') })}
        >
          {!ticked && <p className="quiet">{t('fleet.allFoundHint', { count: size })}</p>}
          <label className="field">
            <span>{t('fleet.tagName')}</span>
            <input className="input" name="tag" required maxLength={64} autoFocus list="fleet-tags" />
            <datalist id="fleet-tags">
              {tags.map((tag) => (
                <option key={tag} value={tag} />
              ))}
            </datalist>
          </label>
        </FormDialog>
      )}
    </div>
  );
}
