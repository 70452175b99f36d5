import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { send } from '../../api/client';
import { useDevices, useSites } from '../../api/queries';
import type { Device, Site } from '../../api/types';
import { useMay } from '../../app/session';
import { Answer, Dot, Empty, PageHead, Panel } from '../../ui/parts';
import { sayFault } from '../../ui/Toasts';
import { FloorPlan } from './FloorPlan';

/** One site: its floor plan with the devices where they stand. */
export default function SitePage({ name }: { name: string }) {
  const { t } = useTranslation();
  const sites = useSites();
  if (!sites.data)
    return (
      <>
        <PageHead title={name} />
        <Answer query={sites} lines={12}>
          {() => null}
        </Answer>
      </>
    );
  return (
    <Answer query={sites} lines={12}>
      {(all) => {
        const site = all.find((known) => known.site === name);
        return site ? (
          <Known site={site} />
        ) : (
          <>
            <PageHead title={name} />
            <Panel>
              <Empty
                icon="search"
                title={t('sites.unknown')}
                action={
                  <Link className="button" href="/sites">
                    {t('nav.sites')}
                  </Link>
                }
              />
            </Panel>
          </>
        );
      }}
    </Answer>
  );
}

function Known({ site }: { site: Site }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const may = useMay('operator');
  const devices = (useDevices().data ?? []).filter((device) => device.site === site.site);
  const [chosen, setChosen] = useState('');
  // A new picture at the same address.
  const [uploads, setUploads] = useState(0);
  const file = useRef<HTMLInputElement>(null);
  const path = `/sites/${encodeURIComponent(site.site)}`;
  const change = async (work: Promise<unknown>) => {
    try {
      await work;
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['sites'] }),
        queries.invalidateQueries({ queryKey: ['devices'] }),
      ]);
    } catch (fault) {
      sayFault(fault);
    }
  };
  const place = (device: string, position: { x: number; y: number }) => {
    // Shown at once; what the hub says replaces it.
    queries.setQueryData<Device[]>(['devices'], (all) =>
      all?.map((known) => (known.device === device ? { ...known, position } : known)),
    );
    void change(send('PATCH', `/devices/${device}`, { position }));
  };
  const upload = (image: File | undefined) => {
    if (!image) return;
    void change(send('PUT', `${path}/floor-plan`, image)).then(() => setUploads((count) => count + 1));
  };
  return (
    <>
      <PageHead title={site.title || site.site}>
        {may && (
          <>
            <input
              ref={file}
              type="file"
              accept="image/png,image/jpeg,image/webp"
              hidden
              aria-label={t('sites.upload')}
              onChange={(event) => upload(event.target.files?.[0])}
            />
            <button type="button" className="button" onClick={() => file.current?.click()}>
              {t(site.floorPlan ? 'sites.replace' : 'sites.upload')}
            </button>
            {site.floorPlan && (
              <button
                type="button"
                className="button danger"
                onClick={() => void change(send('DELETE', `${path}/floor-plan`))}
              >
                {t('act.remove')}
              </button>
            )}
          </>
        )}
      </PageHead>
      <div className="grid wide-left">
        <Panel title={t('sites.floorPlan')}>
          {site.floorPlan ? (
            <FloorPlan
              site={site}
              image={`/api/v1${path}/floor-plan?shown=${uploads}`}
              devices={devices}
              chosen={chosen}
              onChoose={setChosen}
              onPlace={may ? place : undefined}
            />
          ) : (
            <Empty icon="upload" title={t('sites.noPlan')}>
              {t('sites.noPlanHint')}
            </Empty>
          )}
        </Panel>
        <Panel title={t('sites.devices')}>
          <Roster devices={devices} chosen={chosen} onChoose={site.floorPlan && may ? setChosen : undefined} />
        </Panel>
      </div>
    </>
  );
}

function Roster({
  devices,
  chosen,
  onChoose,
}: {
  devices: Device[];
  chosen: string;
  onChoose?: (device: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <ul className="list">
      {devices.map(({ device, online, position }) => (
        <li key={device}>
          <Dot tone={online ? 'good' : 'bad'} />
          <Link href={`/devices/${device}`} className="cut grow">
            {device}
          </Link>
          <span className="quiet small">{position ? t('sites.placed') : ''}</span>
          {onChoose && (
            <button
              type="button"
              className="button small"
              aria-pressed={device === chosen}
              aria-label={`${t('sites.move')} ${device}`}
              onClick={() => onChoose(device === chosen ? '' : device)}
            >
              {t('sites.move')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
