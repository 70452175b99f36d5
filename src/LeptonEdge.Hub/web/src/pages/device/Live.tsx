import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { getAll } from '../../api/client';
import type { DeviceDetail, StoredChannel } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { ago, count } from '../../ui/format';
import { Empty, Panel } from '../../ui/parts';
import { LiveChart } from './LiveChart';
import { rangeOf, searchOf, type Range } from './range';
import { Verdicts } from './Verdicts';

/** Channels of the device, and the chosen one over time. */
export default function Live({ detail }: { detail: DeviceDetail }) {
  const { t } = useTranslation();
  const [path, go] = useLocation();
  const search = useSearch();
  const name = detail.summary.device;
  const channels = useQuery({
    queryKey: ['channels', name],
    queryFn: ({ signal }) => getAll<StoredChannel>(`/devices/${name}/channels`, {}, signal),
    refetchInterval: usePace(5000),
  });
  const all = channels.data ?? [];
  const wanted = new URLSearchParams(search).get('channel');
  const chosen = all.find((channel) => channel.channel === wanted)?.channel ?? best(all);
  const show = (channel: string, range: Range) => go(`${path}?${searchOf(search, range, channel)}`, { replace: true });
  const range = rangeOf(search);
  if (channels.data && !chosen)
    return (
      <Panel>
        <Empty title={t('device.noReadings')}>{t('device.noReadingsHint')}</Empty>
      </Panel>
    );
  return (
    <div className="grid wide-left">
      <div className="stack">
        {chosen && (
          <LiveChart
            device={name}
            channel={chosen}
            unit={unitOf(detail, chosen)}
            range={range}
            onRange={(next) => show(chosen, next)}
          />
        )}
        <Verdicts detail={detail} />
      </div>
      <Panel title={t('device.channels')}>
        <ul className="list choose">
          {all.map((channel) => (
            <li key={channel.channel}>
              <button
                type="button"
                className="choice"
                aria-pressed={channel.channel === chosen}
                onClick={() => show(channel.channel, range)}
              >
                <span className="code cut">{channel.channel}</span>
                <span className="when">
                  {count(channel.readings)} · {ago(channel.lastMicros)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Panel>
    </div>
  );
}

/** A fast channel sends features instead of its samples; its RMS stands for it best. */
const best = (channels: StoredChannel[]): string | undefined =>
  (channels.find((channel) => channel.channel.endsWith('.rms')) ?? channels[0])?.channel;

const unitOf = (detail: DeviceDetail, channel: string): string => {
  const reported = detail.channels.find(
    (known) => channel === known.channel || channel.startsWith(`${known.channel}.`),
  );
  return !reported || /\.(kurtosis|crest_factor|skewness)$/.test(channel) ? '' : reported.unit;
};
