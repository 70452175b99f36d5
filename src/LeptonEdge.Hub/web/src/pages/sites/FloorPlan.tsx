import { useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Device, Site } from '../../api/types';

const STEP = 0.01;
const STEPS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** The image with a mark for each device; the chosen one goes where one clicks, or by the arrow keys. */
export function FloorPlan({
  site,
  image,
  devices,
  chosen,
  onChoose,
  onPlace,
}: {
  site: Site;
  image: string;
  devices: Device[];
  chosen: string;
  onChoose: (device: string) => void;
  onPlace?: (device: string, position: { x: number; y: number }) => void;
}) {
  const { t } = useTranslation();
  const plan = useRef<HTMLDivElement>(null);
  const click = (event: MouseEvent) => {
    if (!chosen || !onPlace) return;
    const at = plan.current!.getBoundingClientRect();
    onPlace(chosen, { x: share((event.clientX - at.left) / at.width), y: share((event.clientY - at.top) / at.height) });
    onChoose('');
  };
  const key = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (event.key === 'Escape') onChoose('');
    if (!step || !chosen || !onPlace) return;
    event.preventDefault();
    const spot = devices.find((known) => known.device === chosen)?.position ?? { x: 0.5, y: 0.5 };
    onPlace(chosen, { x: share(spot.x + step[0]), y: share(spot.y + step[1]) });
  };
  return (
    <>
      <p className="quiet small" role="status">
        {chosen ? t('sites.moving', { device: chosen }) : t('sites.moveHint')}
      </p>
      <div
        ref={plan}
        className={`plan ${chosen ? 'placing' : ''}`}
        role="group"
        aria-label={t('sites.floorPlan')}
        tabIndex={0}
        onClick={click}
        onKeyDown={key}
      >
        <img src={image} alt={t('sites.planOf', { site: site.site })} draggable={false} />
        {devices.map((device) => {
          const spot = device.position;
          if (!spot) return null;
          const tone = !device.online ? 'bad' : device.activeAlarms > 0 ? 'warn' : 'good';
          return (
            <Link
              key={device.device}
              href={`/devices/${device.device}`}
              className={`mark ${tone} ${device.device === chosen ? 'chosen' : ''}`}
              style={{ left: `${spot.x * 100}%`, top: `${spot.y * 100}%` }}
              onClick={(event) => {
                if (chosen) event.preventDefault();
              }}
            >
              <span className={`dot ${tone}`} aria-hidden="true" />
              {device.device}
            </Link>
          );
        })}
      </div>
    </>
  );
}

const share = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
