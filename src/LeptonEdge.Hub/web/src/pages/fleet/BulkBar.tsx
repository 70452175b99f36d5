import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import type { BulkResult, Device } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { say, sayFault } from '../../ui/Toasts';

type Asking = 'drain' | 'tag' | 'untag' | null;

/** What can be done with the chosen devices. */
export function BulkBar({ devices, onClear }: { devices: Device[]; onClear: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Asking>(null);
  const names = devices.map((device) => device.device);
  const run = async (action: string, more: object = {}) => {
    const result = await send<BulkResult>('POST', '/devices/bulk', { action, devices: names, ...more });
    say(t('fleet.bulkDone', { done: result.done, all: names.length }), result.failed > 0);
    const failed = result.results.find((item) => !item.ok);
    if (failed) sayFault(new Error(`${failed.target}: ${failed.detail ?? ''}`));
    await queries.invalidateQueries();
  };
  const close = () => setAsking(null);
  return (
    <div className="bulk" role="group" aria-label={t('fleet.bulk')}>
      <strong>{t('fleet.selected', { count: devices.length })}</strong>
      <button type="button" className="button small" onClick={() => setAsking('tag')}>
        {t('fleet.tag')}
      </button>
      <button type="button" className="button small" onClick={() => setAsking('untag')}>
        {t('fleet.untag')}
      </button>
      <button type="button" className="button small" onClick={() => setAsking('drain')}>
        {t('fleet.drain')}
      </button>
      <button type="button" className="button small" onClick={() => void run('undrain').catch(sayFault)}>
        {t('fleet.undrain')}
      </button>
      <button type="button" className="button small plain" onClick={onClear}>
        {t('fleet.clearSelection')}
      </button>
      {asking === 'drain' && (
        <FormDialog
          title={t('fleet.drain')}
          submit={t('fleet.drain')}
          danger
          onClose={close}
          onSubmit={() => run('drain')}
        >
          <p>{t('fleet.drainSure', { count: devices.length })}</p>
        </FormDialog>
      )}
      {(asking === 'tag' || asking === 'untag') && (
        <FormDialog
          title={t(`fleet.${asking}`)}
          submit={t('act.apply')}
          onClose={close}
          onSubmit={(form) => run(asking, { tag: form.get('tag') })}
        >
          <label className="field">
            <span>{t('fleet.tagName')}</span>
            <input className="input" name="tag" required maxLength={64} autoFocus list="fleet-tags" />
            <datalist id="fleet-tags">
              {[...new Set(devices.flatMap((device) => device.tags ?? []))].map((tag) => (
                <option key={tag} value={tag} />
              ))}
            </datalist>
          </label>
        </FormDialog>
      )}
    </div>
  );
}
