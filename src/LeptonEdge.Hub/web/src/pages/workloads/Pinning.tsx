import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import { useControls } from '../../api/queries';
import type { PlaceOption } from '../../api/types';
import { useMay } from '../../app/session';
import { FormDialog } from '../../ui/Dialog';
import { Tag } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';

/** Keeps the workload where an operator says. */
export function Pinning({ device, workload, options }: { device: string; workload: string; options: PlaceOption[] }) {
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
