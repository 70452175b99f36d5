import { useQuery } from '@tanstack/react-query';
import { geoGraticule10, geoNaturalEarth1, geoPath } from 'd3-geo';
import { useMemo, useState, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import outlines from 'world-atlas/countries-110m.json?url';
import type { Site } from '../../api/types';
import { Answer } from '../../ui/parts';

type World = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
const [WIDTH, HEIGHT] = [960, 470];
const ZOOM_MAX = 16;

/** Outlines of the world from the hub itself, with each site that has a place. */
export function WorldMap({
  sites,
  onPlace,
}: {
  sites: Site[];
  onPlace?: (latitude: number, longitude: number) => void;
}) {
  const world = useQuery({
    queryKey: ['world'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await (await fetch(outlines, { signal })).json()) as World,
  });
  return (
    <Answer query={world} lines={10}>
      {(data) => <Drawn world={data} sites={sites} onPlace={onPlace} />}
    </Answer>
  );
}

function Drawn({
  world,
  sites,
  onPlace,
}: {
  world: World;
  sites: Site[];
  onPlace?: (latitude: number, longitude: number) => void;
}) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const placed = sites.filter((site) => site.location !== null);
  const [view, setView] = useState({ zoom: 1, x: WIDTH / 2, y: HEIGHT / 2 });
  const map = useMemo(() => {
    const projection = geoNaturalEarth1().fitExtent(
      [
        [8, 8],
        [WIDTH - 8, HEIGHT - 8],
      ],
      { type: 'Sphere' },
    );
    const path = geoPath(projection);
    return {
      projection,
      sphere: path({ type: 'Sphere' }) ?? '',
      net: path(geoGraticule10()) ?? '',
      land: path(feature(world, world.objects.land)) ?? '',
      borders: path(mesh(world, world.objects.countries, (a, b) => a !== b)) ?? '',
    };
  }, [world]);
  const [width, height] = [WIDTH / view.zoom, HEIGHT / view.zoom];
  const box = [
    clamp(view.x - width / 2, 0, WIDTH - width),
    clamp(view.y - height / 2, 0, HEIGHT - height),
    width,
    height,
  ] as const;
  const zoom = (factor: number) =>
    setView({
      ...view,
      zoom: clamp(view.zoom * factor, 1, ZOOM_MAX),
      ...(view.zoom === 1 && factor > 1 ? middleOf(placed, map.projection) : {}),
    });
  const pan = (x: number, y: number) =>
    setView({
      ...view,
      x: clamp(box[0] + width / 2 + x * width, 0, WIDTH),
      y: clamp(box[1] + height / 2 + y * height, 0, HEIGHT),
    });
  const click = (event: MouseEvent<SVGSVGElement>) => {
    if (!onPlace) return;
    const at = event.currentTarget.getBoundingClientRect();
    const point: [number, number] = [
      box[0] + ((event.clientX - at.left) / at.width) * width,
      box[1] + ((event.clientY - at.top) / at.height) * height,
    ];
    const place = map.projection.invert?.(point);
    if (place) onPlace(Math.round(place[1] * 1e4) / 1e4, Math.round(place[0] * 1e4) / 1e4);
  };
  const size = 1 / view.zoom;
  return (
    <div className="map">
      <svg
        viewBox={box.join(' ')}
        role="group"
        aria-label={t('sites.map')}
        onClick={click}
        className={onPlace ? 'placing' : ''}
      >
        <path d={map.sphere} className="sea" />
        <path d={map.net} className="net" strokeWidth={0.5 * size} />
        <path d={map.land} className="land" />
        <path d={map.borders} className="borders" strokeWidth={0.6 * size} />
        {placed.map((site) => {
          const [x, y] = map.projection([site.location!.longitude, site.location!.latitude]) ?? [0, 0];
          const tone = site.online < site.devices ? 'bad' : site.activeAlarms > 0 ? 'warn' : 'good';
          const share = t('overview.share', { online: site.online, offline: site.devices - site.online });
          const words = `${site.title || site.site}: ${share}`;
          return (
            <g key={site.site} transform={`translate(${x} ${y}) scale(${size})`}>
              <a
                href={`/sites/${encodeURIComponent(site.site)}`}
                aria-label={words}
                onClick={(event) => {
                  event.preventDefault();
                  event.stopPropagation();
                  go(`/sites/${encodeURIComponent(site.site)}`);
                }}
              >
                <title>{words}</title>
                <circle r="9" className={`halo ${tone}`} />
                <circle r="5" className={`spot ${tone}`} />
                <text x="12" y="4">
                  {site.title || site.site}
                </text>
              </a>
            </g>
          );
        })}
      </svg>
      <div className="row map-bar" role="group" aria-label={t('sites.view')}>
        <button type="button" className="button small" aria-label={t('chart.nearer')} onClick={() => zoom(2)}>
          +
        </button>
        <button
          type="button"
          className="button small"
          aria-label={t('chart.wider')}
          onClick={() => zoom(0.5)}
          disabled={view.zoom === 1}
        >
          −
        </button>
        {(
          [
            ['←', -0.3, 0, 'west'],
            ['→', 0.3, 0, 'east'],
            ['↑', 0, -0.3, 'north'],
            ['↓', 0, 0.3, 'south'],
          ] as const
        ).map(([sign, x, y, name]) => (
          <button
            key={name}
            type="button"
            className="button small"
            aria-label={t(`sites.${name}`)}
            disabled={view.zoom === 1}
            onClick={() => pan(x, y)}
          >
            {sign}
          </button>
        ))}
      </div>
    </div>
  );
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

/** Where the sites are, so that going nearer goes to them. */
function middleOf(
  sites: Site[],
  projection: (point: [number, number]) => [number, number] | null,
): { x: number; y: number } | object {
  const points = sites
    .map((site) => projection([site.location!.longitude, site.location!.latitude]))
    .filter((point) => point !== null);
  if (points.length === 0) return {};
  return {
    x: points.reduce((sum, [x]) => sum + x, 0) / points.length,
    y: points.reduce((sum, [, y]) => sum + y, 0) / points.length,
  };
}
