import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { send } from '../../api/client';
import { useDevices, useSites } from '../../api/queries';
import type { Device, Site, Spot } from '../../api/types';
import { useMay } from '../../app/session';
import { Answer, Dot, Empty, PageHead, Panel } from '../../ui/parts';
import { sayFault } from '../../ui/Toasts';
import { FloorPlan } from './FloorPlan';

/** One site: its floor plan with the devices where they stand. */
export default function SitePage({ name }: { name: string }) {
  const { t } = useTranslation();
  const sites = useSites();
  if (!sites.data) return <><PageHead title={name} /><Answer query={sites} lines={12}>{() => null}</Answer></>;
  return (
    <Answer query={sites} lines={12}>
      {(all) => {
        const site = all.find((known) => known.site === name);
        return site ? <Known site={site} /> : (
          <><PageHead title={name} /><Panel><Empty icon="search" title={t('sites.unknown')} action={<Link className="button" href="/sites">{t('nav.sites')}</Link>} /></Panel></>
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
  const file = useRef<HTMLInputElement>(null);
  const path = `/sites/${encodeURIComponent(site.site)}`;
  const change = async (work: Promise<unknown>) => {
    try {
      await work;
      await queries.invalidateQueries({ queryKey: ['sites'] });
    } catch (fault) {
      sayFault(fault);
    }
  };
  const place = (spot: Spot) => {
    // Shown at once; what the hub says replaces it.
    const spots = [...site.spots.filter((known) => known.device !== spot.device), spot];
    queries.setQueryData<Site[]>(['sites'], (all) => all?.map((known) => (known.site === site.site ? { ...known, spots } : known)));
    void change(send('PUT', `${path}/spots`, { spots }));
  };
  const upload = (image: File | undefined) => {
    if (image) void change(send('PUT', `${path}/floor-plan`, image));
  };
  return (
    <>
      <PageHead title={site.site}>
        {may && <>
          <input ref={file} type="file" accept="image/png,image/jpeg,image/webp" hidden aria-label={t('sites.upload')} onChange={(event) => upload(event.target.files?.[0])} />
          <button type="button" className="button" onClick={() => file.current?.click()}>{t(site.floorPlan ? 'sites.replace' : 'sites.upload')}</button>
          {site.floorPlan && <button type="button" className="button danger" onClick={() => void change(send('DELETE', `${path}/floor-plan`))}>{t('act.remove')}</button>}
        </>}
      </PageHead>
      <div className="grid wide-left">
        <Panel title={t('sites.floorPlan')}>
          {site.floorPlan
            ? <FloorPlan site={site} devices={devices} chosen={chosen} onChoose={setChosen} onPlace={may ? place : undefined} />
            : <Empty icon="upload" title={t('sites.noPlan')}>{t('sites.noPlanHint')}</Empty>}
        </Panel>
        <Panel title={t('sites.devices')}>
          <Roster devices={devices} spots={site.spots} chosen={chosen} onChoose={site.floorPlan && may ? setChosen : undefined} />
        </Panel>
      </div>
    </>
  );
}

function Roster({ devices, spots, chosen, onChoose }: { devices: Device[]; spots: Spot[]; chosen: string; onChoose?: (device: string) => void }) {
  const { t } = useTranslation();
  return (
    <ul className="list">
      {devices.map(({ device, online }) => (
        <li key={device}>
          <Dot tone={online ? 'good' : 'bad'} /><Link href={`/devices/${device}`} className="cut grow">{device}</Link>
          <span className="quiet small">{spots.some((spot) => spot.device === device) ? t('sites.placed') : ''}</span>
          {onChoose && <button type="button" className="button small" aria-pressed={device === chosen} aria-label={`${t('sites.move')} ${device}`} onClick={() => onChoose(device === chosen ? '' : device)}>{t('sites.move')}</button>}
        </li>
      ))}
    </ul>
  );
}
