import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import { useWorkloads } from '../../api/queries';
import type { Model } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { Empty } from '../../ui/parts';
import { say } from '../../ui/Toasts';
import { nameOf } from '../workloads/places';

/** Has workloads run this version. A device that lacks the bundle, or cannot use it, says so and keeps its own. */
export function RollOut({ model, onClose }: { model: Model; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [own, setOwn] = useState(false);
  const works = (useWorkloads().data ?? []).filter((work) => own || work.model === model.name);
  const submit = async (form: FormData) => {
    const chosen = form.getAll('work').map(String);
    for (const name of chosen) {
      const [device, workload] = name.split('/') as [string, string];
      await send('POST', `/devices/${device}/workloads/${workload}/model`, { model: own ? '' : model.model });
    }
    say(t('models.rolledOut', { count: chosen.length, model: own ? t('models.ownModel') : model.model }));
    await queries.invalidateQueries();
  };
  return (
    <FormDialog
      title={t('models.rollOutTitle', { model: model.model })}
      submit={t('models.rollOut')}
      onClose={onClose}
      onSubmit={submit}
    >
      <p className="quiet">{t('models.rollOutHint')}</p>
      <label className="row">
        <input type="checkbox" checked={own} onChange={(event) => setOwn(event.target.checked)} />
        {t('models.giveBack')}
      </label>
      {works.length === 0 ? (
        <Empty icon="workloads" title={t('models.noWorkload')}>
          {t('models.noWorkloadHint')}
        </Empty>
      ) : (
        <fieldset className="field plain choose">
          <legend>{t('nav.workloads')}</legend>
          {works.map((work) => (
            <label key={nameOf(work)} className="row">
              <input type="checkbox" name="work" value={nameOf(work)} />
              {nameOf(work)}{' '}
              <span className="quiet small code">
                {work.model}/{work.modelVersion}
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}
