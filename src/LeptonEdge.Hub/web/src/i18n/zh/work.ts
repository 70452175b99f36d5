export const work = {
  alarms: {
    title: '告警',
  },
};
