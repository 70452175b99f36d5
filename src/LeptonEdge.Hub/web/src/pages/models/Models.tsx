import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { getAll } from '../../api/client';
import type { Model } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { Answer, Empty, PageHead, Panel } from '../../ui/parts';
import { ModelCard } from './ModelCard';

/** Every model that the hub has or a device runs: its versions, what was measured of them, and where they run. */
export default function Models() {
  const { t } = useTranslation();
  const models = useQuery({
    queryKey: ['models'],
    refetchInterval: usePace(5000),
    queryFn: ({ signal }) => getAll<Model>('/models', {}, signal),
  });
  return (
    <>
      <PageHead title={t('nav.models')} />
      <Answer query={models} lines={8}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty icon="models" title={t('models.none')}>
                {t('models.noneHint')}
              </Empty>
            </Panel>
          ) : (
            <div className="grid two">
              {byName(all).map((versions) => (
                <ModelCard key={versions[0]!.name} versions={versions} />
              ))}
            </div>
          )
        }
      </Answer>
    </>
  );
}

/** The versions of each model, the newest first. */
function byName(models: Model[]): Model[][] {
  const order = new Intl.Collator(undefined, { numeric: true });
  const groups = new Map<string, Model[]>();
  for (const model of models) groups.set(model.name, [...(groups.get(model.name) ?? []), model]);
  for (const versions of groups.values()) versions.sort((one, two) => order.compare(two.version, one.version));
  return [...groups.values()].sort((one, two) => order.compare(one[0]!.name, two[0]!.name));
}
