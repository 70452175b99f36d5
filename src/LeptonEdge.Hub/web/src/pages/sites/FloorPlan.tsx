import { useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Device, Site, Spot } from '../../api/types';

const STEP = 0.01;
const STEPS: Record<string, [number, number]> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** The image with a mark for each device; the chosen one goes where one clicks, or by the arrow keys. */
export function FloorPlan({ site, devices, chosen, onChoose, onPlace }: {
  site: Site; devices: Device[]; chosen: string; onChoose: (device: string) => void; onPlace?: (spot: Spot) => void;
}) {
  const { t } = useTranslation();
  const plan = useRef<HTMLDivElement>(null);
  const click = (event: MouseEvent) => {
    if (!chosen || !onPlace) return;
    const at = plan.current!.getBoundingClientRect();
    onPlace({ device: chosen, x: share((event.clientX - at.left) / at.width), y: share((event.clientY - at.top) / at.height) });
    onChoose('');
  };
  const key = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === 'Escape') onChoose('');
    if (!step || !chosen || !onPlace) return;
    event.preventDefault();
    const spot = site.spots.find((known) => known.device === chosen) ?? { device: chosen, x: 0.5, y: 0.5 };
    onPlace({ device: chosen, x: share(spot.x + step[0]), y: share(spot.y + step[1]) });
  };
  return (
    <>
      <p className="quiet small" role="status">{chosen ? t('sites.moving', { device: chosen }) : t('sites.moveHint')}</p>
      <div ref={plan} className={`plan ${chosen ? 'placing' : ''}`} role="group" aria-label={t('sites.floorPlan')} tabIndex={0} onClick={click} onKeyDown={key}>
        <img src={site.floorPlan!} alt={t('sites.planOf', { site: site.site })} draggable={false} />
        {site.spots.map((spot) => {
          const device = devices.find((known) => known.device === spot.device);
          if (!device) return null;
          const tone = !device.online ? 'bad' : device.activeAlarms > 0 ? 'warn' : 'good';
          return (
            <Link key={spot.device} href={`/devices/${spot.device}`} className={`mark ${tone} ${spot.device === chosen ? 'chosen' : ''}`}
              style={{ left: `${spot.x * 100}%`, top: `${spot.y * 100}%` }} onClick={(event) => { if (chosen) event.preventDefault(); }}>
              <span className={`dot ${tone}`} aria-hidden="true" />{spot.device}
            </Link>
          );
        })}
      </div>
    </>
  );
}

const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
