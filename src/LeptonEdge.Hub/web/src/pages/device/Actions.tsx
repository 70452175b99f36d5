import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import { usePlanDevices } from '../../api/queries';
import type { DeviceDetail } from '../../api/types';
import { useMay } from '../../app/session';
import { FormDialog } from '../../ui/Dialog';
import { MenuButton } from '../../ui/Menu';
import { say, sayFault } from '../../ui/Toasts';

export function Actions({ detail: { summary } }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const may = useMay('operator');
  const [drill, setDrill] = useState(false);
  const drained = usePlanDevices().data?.find((device) => device.device === summary.device)?.drained ?? false;
  if (!may) return null;
  const drain = async () => {
    try {
      await send(drained ? 'DELETE' : 'PUT', `/plan/drained/${summary.device}`);
      say(t(drained ? 'device.undrained' : 'device.drainedNow', { device: summary.device }));
      await queries.invalidateQueries();
    } catch (fault) {
      sayFault(fault);
    }
  };
  return (
    <>
      <MenuButton
        label={t('device.actions')}
        text={t('device.actions')}
        className="button"
        sections={[
          {
            items: [
              { id: 'drain', text: t(drained ? 'fleet.undrain' : 'fleet.drain'), act: () => void drain() },
              { id: 'drill', text: t('device.drill'), act: () => setDrill(true) },
            ],
          },
        ]}
      />
      {drill && (
        <FormDialog
          title={t('device.drill')}
          submit={t('device.drillStart')}
          onClose={() => setDrill(false)}
          onSubmit={(form) =>
            send('POST', `/devices/${summary.device}/commands/load-drill`, {
              utilisation: Number(form.get('share')) / 100,
              rampSeconds: Number(form.get('seconds')) / 3,
              seconds: Number(form.get('seconds')),
            })
          }
        >
          <p className="quiet">{t('device.drillHint')}</p>
          <label className="field">
            <span>{t('device.drillShare')}</span>
            <input className="input" name="share" type="number" min={0} max={98} defaultValue={90} required />
          </label>
          <label className="field">
            <span>{t('device.drillSeconds')}</span>
            <input className="input" name="seconds" type="number" min={0} max={600} defaultValue={60} required />
          </label>
        </FormDialog>
      )}
    </>
  );
}
