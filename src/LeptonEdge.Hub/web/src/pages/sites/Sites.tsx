import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useSites } from '../../api/queries';
import type { Site } from '../../api/types';
import { useMay } from '../../app/session';
import { count } from '../../ui/format';
import { Answer, Dot, Empty, PageHead, Panel } from '../../ui/parts';
import { PlaceDialog } from './PlaceDialog';
import { WorldMap } from './WorldMap';

/** All sites: on the map of the world, and as a list. */
export default function Sites() {
  const { t } = useTranslation();
  const sites = useSites();
  const [placing, setPlacing] = useState<Site | null>(null);
  return (
    <>
      <PageHead title={t('nav.sites')} />
      <Answer query={sites} lines={12}>
        {(all) =>
          all.length === 0 ? (
            <Panel>
              <Empty icon="sites" title={t('sites.none')}>
                {t('sites.noneHint')}
              </Empty>
            </Panel>
          ) : (
            <div className="stack">
              <Panel flush>
                <WorldMap sites={all} />
              </Panel>
              <Panel title={t('sites.all')} flush>
                <List sites={all} onPlace={setPlacing} />
              </Panel>
            </div>
          )
        }
      </Answer>
      {placing && <PlaceDialog site={placing} onClose={() => setPlacing(null)} />}
    </>
  );
}

function List({ sites, onPlace }: { sites: Site[]; onPlace: (site: Site) => void }) {
  const { t } = useTranslation();
  const may = useMay('operator');
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={t('sites.all')}>
      <table className="plain">
        <thead>
          <tr>
            <th>{t('fleet.site')}</th>
            <th className="n">{t('fleet.device')}</th>
            <th>{t('fleet.state')}</th>
            <th className="n">{t('fleet.alarms')}</th>
            <th>{t('sites.place')}</th>
            <th>{t('sites.floorPlan')}</th>
            <th>
              <span className="unseen">{t('sites.setPlace')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sites.map((site) => (
            <tr key={site.site}>
              <th scope="row">
                <Link href={`/sites/${encodeURIComponent(site.site)}`}>
                  {site.title || site.site || t('state.unknown')}
                </Link>
              </th>
              <td className="n">{count(site.devices)}</td>
              <td>
                <span className="row nowrap">
                  <Dot
                    tone={site.online < site.devices ? 'bad' : 'good'}
                    label={t('state.of', { part: count(site.online), whole: count(site.devices) })}
                  />
                </span>
              </td>
              <td className="n">{count(site.activeAlarms)}</td>
              <td className="nowrap">
                {site.location ? (
                  `${site.location.latitude}°, ${site.location.longitude}°`
                ) : (
                  <span className="quiet">{t('sites.noPlace')}</span>
                )}
              </td>
              <td>{site.floorPlan ? t('sites.hasPlan') : <span className="quiet">{t('state.none')}</span>}</td>
              <td>
                {may && (
                  <button
                    type="button"
                    className="button small"
                    aria-label={`${t('sites.setPlace')} ${site.site}`}
                    onClick={() => onPlace(site)}
                  >
                    {t('sites.setPlace')}
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
