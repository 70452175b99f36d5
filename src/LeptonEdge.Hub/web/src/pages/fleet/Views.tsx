import { useQuery, useQueryClient } from '@tanstack/react-query';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { SavedView } from '../../api/types';
import { FormDialog } from '../../ui/Dialog';
import { MenuButton } from '../../ui/Menu';
import { sayFault } from '../../ui/Toasts';
import { contentOf, type Filter } from './filter';

/** Drawn again only when the filter changes: an open menu is left alone while reports come in. */
export const Views = memo(function Views({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const kept = useQuery({ queryKey: ['views'], queryFn: ({ signal }) => getAll<SavedView>('/views', {}, signal) });
  const views = (kept.data ?? []).filter((view) => view.page === 'fleet');
  const [naming, setNaming] = useState(false);
  const change = async (method: 'PUT' | 'DELETE', name: string, body?: object) => {
    await send(method, `/views/${encodeURIComponent(name)}`, body);
    await queries.invalidateQueries({ queryKey: ['views'] });
  };
  const own =
    views.length === 0
      ? [{ id: 'none', text: t('fleet.noViews'), disabled: true, act: () => {} }]
      : views.map((view) => ({
          id: `view ${view.name}`,
          text: view.name,
          act: () => onChange(contentOf(view.content)),
        }));
  const gone = views.map((view) => ({
    id: `gone ${view.name}`,
    text: view.name,
    act: () => void change('DELETE', view.name).catch(sayFault),
  }));
  return (
    <>
      <MenuButton
        label={t('fleet.views')}
        text={t('fleet.views')}
        className="button"
        sections={[
          { title: t('fleet.views'), items: own },
          { title: t('act.more'), items: [{ id: 'save', text: t('fleet.saveView'), act: () => setNaming(true) }] },
          ...(gone.length > 0 ? [{ title: t('act.remove'), items: gone }] : []),
        ]}
      />
      {naming && (
        <FormDialog
          title={t('fleet.saveView')}
          submit={t('act.save')}
          onClose={() => setNaming(false)}
          onSubmit={(form) =>
            change('PUT', String(form.get('name')).trim(), { page: 'fleet', content: JSON.stringify(filter) })
          }
        >
          <label className="field">
            <span>{t('fleet.viewName')}</span>
            <input className="input" name="name" required maxLength={60} autoFocus />
          </label>
        </FormDialog>
      )}
    </>
  );
});
