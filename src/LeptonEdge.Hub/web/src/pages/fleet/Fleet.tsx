import { useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { useDevices } from '../../api/queries';
import { Answer, Empty, PageHead, Panel } from '../../ui/parts';
import { filterOf, searchOf, type Filter } from './filter';
import { FleetTable } from './FleetTable';

export default function Fleet() {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const address = useSearch();
  const filter = useMemo(() => filterOf(address), [address]);
  const devices = useDevices();
  const setFilter = useCallback(
    (next: Filter) => {
      const search = searchOf(next);
      go(search ? `/fleet?${search}` : '/fleet', { replace: true });
    },
    [go],
  );
  return (
    <>
      <PageHead title={t('fleet.title')} />
      <Answer query={devices} lines={12}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty icon="fleet" title={t('overview.noDevices')}>
                {t('overview.noDevicesHint')}
              </Empty>
            </Panel>
          ) : (
            <FleetTable devices={all} filter={filter} setFilter={setFilter} />
          )
        }
      </Answer>
    </>
  );
}
