import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../../api/client';
import type { Site } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { WorldMap } from './WorldMap';

/** Where on earth a site is: by its coordinates, or by a click on the map. */
export function PlaceDialog({ site, onClose }: { site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [place, setPlace] = useState(site.location ?? { latitude: 0, longitude: 0 });
  const number = (key: 'latitude' | 'longitude', most: number) => (
    <label className="field grow">
      <span>{t(`sites.${key}`)}</span>
      <input
        className="input"
        type="number"
        step="any"
        min={-most}
        max={most}
        required
        value={place[key]}
        onChange={(event) => setPlace({ ...place, [key]: event.target.valueAsNumber })}
      />
    </label>
  );
  return (
    <FormDialog
      wide
      title={`${t('sites.setPlace')}: ${site.site}`}
      submit={t('act.save')}
      onClose={onClose}
      onSubmit={async (form) => {
        await send('PATCH', `/sites/${encodeURIComponent(site.site)}`, { title: form.get('title'), location: place });
        await queries.invalidateQueries({ queryKey: ['sites'] });
      }}
    >
      <p className="quiet">{t('sites.placeHint')}</p>
      <WorldMap
        sites={[{ ...site, location: place }]}
        onPlace={(latitude, longitude) => setPlace({ latitude, longitude })}
      />
      <label className="field">
        <span>{t('sites.title')}</span>
        <input className="input" name="title" maxLength={100} defaultValue={site.title} placeholder={site.site} />
      </label>
      <div className="row">
        {number('latitude', 90)}
        {number('longitude', 180)}
      </div>
    </FormDialog>
  );
}
