export const device = {
  chart: {
    low: 'Lowest', high: 'Highest', mean: 'Mean',
    words: '{{channel}}: {{count}} points, lowest {{low}}, highest {{high}} {{unit}}', nothing: '{{channel}}: no readings in this range',
    stale: 'Connecting', newest: 'Newest value', range: 'Range', back: 'Earlier', forth: 'Later', nearer: 'Zoom in', wider: 'Zoom out',
    follow: 'Back to live', drag: 'Drag over the chart to zoom in.',
    span: { s60: '1 min', s300: '5 min', s3600: '1 h', s86400: '1 day', s604800: '1 week', s2592000: '1 month', s31536000: '1 year' },
  },
  device: {
    live: 'Live', work: 'Work and channels', alarms: 'Alarms', about: 'About', unknown: 'No such device has reported', channels: 'Channels',
    channel: 'Channel', source: 'Source', unit: 'Unit', upload: 'Uploads', rate: 'Rate', readings: 'Readings', invalid: 'Invalid',
    noReadings: 'The hub holds no readings of this device yet', noReadingsHint: 'They appear once its first batch is stored; its alarms and verdicts may come sooner.',
    verdicts: 'Verdicts', agentMemory: 'Agent memory', rtt: 'Way to the hub', shed: '{{count}} shed', uptime: 'Up for', identity: 'Identity',
    site: 'Site', board: 'Board', agent: 'Agent', started: 'Running since', seen: 'Last seen', certificate: 'Certificate',
    certificateHint: 'The device proves itself with a certificate of this hub’s authority. To issue another, run this on the hub’s machine:',
    desired: 'Desired against reported', planVersion: 'plan {{own}} of {{hub}}', noWorkloads: 'No workloads run here', noWorkloadsHint: 'Add them to the agent’s configuration file.',
    wanted: 'Desired', runs: 'Reported', provider: 'Execution provider', actions: 'Actions', drainedNow: '{{device}} is being drained', undrained: '{{device}} is used again',
    drill: 'Rehearse an overload…', drillStart: 'Start', drillHint: 'Real inferences occupy the device’s inference lane, to see what the plan does then.',
    drillShare: 'Share of the lane, in %', drillSeconds: 'Seconds; 0 ends a running drill', temperature: 'Temperature', storage: 'Storage', stored: 'stored {{time}}',
  },
  sites: {
    none: 'No site has a device yet', noneHint: 'A device names its site in its agent’s configuration; it appears here with its first report.', all: 'All sites',
    map: 'Map of the world', view: 'What of the map is seen', west: 'West', east: 'East', north: 'North', south: 'South', place: 'Place', setPlace: 'Set place',
    noPlace: 'not on the map', floorPlan: 'Floor plan', hasPlan: 'yes', latitude: 'Latitude', longitude: 'Longitude', placeHint: 'Click on the map, or write the coordinates in degrees.',
    unknown: 'There is no such site', upload: 'Upload a floor plan', replace: 'Replace the floor plan', noPlan: 'No floor plan yet',
    noPlanHint: 'Upload a PNG, JPEG or WebP image of up to 8 MiB, then place the devices on it.', devices: 'Devices here', placed: 'placed', move: 'Place',
    moving: 'Click where {{device}} stands, or move it with the arrow keys. Escape ends it.', moveHint: 'Choose “Place” beside a device to put it on the plan.', planOf: 'Floor plan of {{site}}',
  },
};
