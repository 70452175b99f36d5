import { AlarmList } from '../alarms/AlarmList';

export default function DeviceAlarms({ device }: { device: string }) {
  return <AlarmList device={device} />;
}
