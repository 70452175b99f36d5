import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useSites } from '../../api/queries';
import { count } from '../../ui/format';
import { Answer, Dot, Empty, Panel } from '../../ui/parts';

const SHOWN = 12;

/** Each site as a tile; those that need someone come first. */
export function SiteTiles() {
  const { t } = useTranslation();
  const sites = useSites();
  return (
    <Panel title={t('nav.sites')} end={<Link href="/sites">{t('sites.all')}</Link>}>
      <Answer query={sites}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon="sites" title={t('sites.none')}>
              {t('sites.noneHint')}
            </Empty>
          ) : (
            <ul className="tiles">
              {[...all]
                .sort((one, two) => need(two) - need(one))
                .slice(0, SHOWN)
                .map((site) => (
                  <li key={site.site}>
                    <Link className="tile" href={`/sites/${encodeURIComponent(site.site)}`}>
                      <span className="row nowrap">
                        <Dot tone={site.online < site.devices ? 'bad' : site.activeAlarms > 0 ? 'warn' : 'good'} />
                        <b className="cut">{site.title || site.site || t('state.unknown')}</b>
                      </span>
                      <span className="quiet small">
                        {t('overview.siteNote', {
                          online: count(site.online),
                          all: count(site.devices),
                          alarms: count(site.activeAlarms),
                        })}
                      </span>
                    </Link>
                  </li>
                ))}
            </ul>
          )
        }
      </Answer>
    </Panel>
  );
}

const need = (site: { devices: number; online: number; activeAlarms: number }): number =>
  (site.devices - site.online) * 1000 + site.activeAlarms;
