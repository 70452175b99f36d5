/** A small line without axes; what it says is in the figure beside it. */
export function Spark({ values, color = 's1' }: { values: number[]; color?: string }) {
  if (values.length < 2) return <svg className="spark" viewBox="0 0 100 24" aria-hidden="true" />;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || Math.abs(high) || 1;
  const points = values.map(
    (value, i) => `${((i / (values.length - 1)) * 100).toFixed(1)},${(21 - ((value - low) / span) * 18).toFixed(1)}`,
  );
  return (
    <svg className="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,24 ${points.join(' ')} 100,24`} fill={`var(--${color})`} opacity=".12" />
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={`var(--${color})`}
        strokeWidth="1.6"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
