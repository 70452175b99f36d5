import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import type { Device } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';

import { say, sayFault } from '../../ui/Toasts';

/** What can be done with the chosen devices. */
export function BulkBar({ devices, onClear }: { devices: Device[]; onClear: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const forEach = async (act: (device: Device) => Promise<unknown>) => {
    const results = await Promise.allSettled(devices.map(act));
    const done = results.filter((result) => result.status === 'fulfilled').length;
    say(t('fleet.bulkDone', { done, all: devices.length }), done < devices.length);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) sayFault(failed.reason);
    await queries.invalidateQueries();
  };
  return (
    <div className="bulk" role="group" aria-label={t('fleet.bulk')}>
      <strong>{t('fleet.selected', { count: devices.length })}</strong>
      <button type="button" className="button small" onClick={() => setSure(true)}>{t('fleet.drain')}</button>
      <button type="button" className="button small" onClick={() => void forEach((d) => send('DELETE', `/plan/drained/${d.device}`))}>{t('fleet.undrain')}</button>
      <button type="button" className="button small plain" onClick={onClear}>{t('fleet.clearSelection')}</button>
      {sure && (
        <FormDialog title={t('fleet.drain')} submit={t('fleet.drain')} danger onClose={() => setSure(false)}
          onSubmit={() => forEach((d) => send('PUT', `/plan/drained/${d.device}`))}>
          <p>{t('fleet.drainSure', { count: devices.length })}</p>
        </FormDialog>
      )}
    </div>
  );
}

