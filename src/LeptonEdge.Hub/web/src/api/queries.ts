import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useLiveState, usePace, useRows, useTopic } from '../live/LiveProvider';
import { get, getAll } from './client';
import type { Alarm, Device, Hub, HubTrend, LiveAlarms, Plan, PlanControls, PlanDevice, Site, Workload } from './types';

// What several pages read. The live stream tells what changed; figures that it does not carry are asked for again now
// and then while they are on screen, and only then.
const SECOND = 1000;
const LARGE = 1000;
const NEWEST = 20;

/** How hub and fleet do, in short. */
export function useHub() {
  useTopic('hub');
  return useQuery({
    queryKey: ['hub'],
    queryFn: ({ signal }) => get<Hub>('/hub', {}, signal),
    refetchInterval: usePace(),
    placeholderData: keepPreviousData,
  });
}

/** The last hour; refused to those who see some sites only. */
export const useTrend = () =>
  useQuery({
    queryKey: ['hub', 'trend'],
    queryFn: ({ signal }) => get<HubTrend>('/hub/trend', {}, signal),
    refetchInterval: usePace(10 * SECOND),
  });

/** All devices. What changes of them is told by the stream and patched row by row. */
export function useDevices() {
  useTopic('devices');
  useRows('*');
  return useQuery({
    queryKey: ['devices'],
    queryFn: ({ signal }) => getAll<Device>('/devices', {}, signal),
    staleTime: Infinity,
    refetchInterval: usePace(),
    // Rows that stay are the same objects already: comparing ten thousand of them for each change would be wasted.
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });
}

/** How many alarms stand, and the newest of them. */
export function useAlarmNews() {
  useTopic('alarms');
  return useQuery({
    queryKey: ['live', 'alarms'],
    enabled: useLiveState() === 'away',
    queryFn: async ({ signal }): Promise<LiveAlarms> => {
      const all = await getAll<Alarm>('/alarms', { state: 'active' }, signal, LARGE);
      return {
        timeMicros: Date.now() * 1000,
        active: all.length,
        unacknowledged: all.filter((alarm) => !alarm.acknowledged).length,
        critical: all.filter((alarm) => alarm.severity === 'critical').length,
        newest: all.slice(0, NEWEST),
      };
    },
    refetchInterval: usePace(),
  });
}

export function useWorkloads() {
  useTopic('plan');
  const [small, large] = [usePace(2 * SECOND), usePace(15 * SECOND)];
  return useQuery({
    queryKey: ['workloads'],
    queryFn: ({ signal }) => getAll<Workload>('/workloads', {}, signal),
    refetchInterval: ({ state }) => ((state.data?.length ?? 0) > LARGE ? large : small),
    placeholderData: keepPreviousData,
  });
}

export function usePlan() {
  useTopic('plan');
  return useQuery({
    queryKey: ['plan'],
    queryFn: ({ signal }) => get<Plan>('/plan', {}, signal),
    refetchInterval: usePace(10 * SECOND),
    placeholderData: keepPreviousData,
  });
}

export const usePlanDevices = () =>
  useQuery({
    queryKey: ['plan', 'devices'],
    queryFn: ({ signal }) => getAll<PlanDevice>('/plan/devices', {}, signal),
    refetchInterval: usePace(5 * SECOND),
    placeholderData: keepPreviousData,
  });

export const useControls = () =>
  useQuery({
    queryKey: ['plan', 'controls'],
    queryFn: ({ signal }) => get<PlanControls>('/plan/controls', {}, signal),
    refetchInterval: usePace(10 * SECOND),
    placeholderData: keepPreviousData,
  });

export const useSites = () =>
  useQuery({
    queryKey: ['sites'],
    queryFn: ({ signal }) => getAll<Site>('/sites', {}, signal),
    refetchInterval: usePace(5 * SECOND),
    placeholderData: keepPreviousData,
  });

/** Of every cost; empty where nothing has a price. */
export const useCurrency = (): string =>
  useQuery({
    queryKey: ['prices'],
    queryFn: ({ signal }) => get<{ currency: string }>('/prices', {}, signal),
    staleTime: Infinity,
  }).data?.currency ?? '';
