export const device = {
  device: {
    live: 'Live', channels: 'Channels', workloads: 'Workloads', alarms: 'Alarms', about: 'About', state: 'State',
    board: 'Board', agent: 'Agent', site: 'Site', started: 'Running since', seen: 'Last seen', cpu: 'CPU load',
  },
};
