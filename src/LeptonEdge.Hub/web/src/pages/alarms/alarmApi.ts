import type { Alarm } from '../../api/types';

export const keyOf = (alarm: Alarm): string => `${alarm.device} ${alarm.rule} ${alarm.timeMicros}`;
