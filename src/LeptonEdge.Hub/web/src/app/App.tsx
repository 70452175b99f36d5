import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { Fault, Loading } from '../ui/parts';
import { Toasts } from '../ui/Toasts';
import { NotFound } from './NotFound';
import { SessionProvider, useSessionQuery } from './session';
import { Shell } from './Shell';

const Overview = lazy(() => import('../pages/overview/Overview'));
const Fleet = lazy(() => import('../pages/fleet/Fleet'));
const SignIn = lazy(() => import('../pages/gate/SignIn'));
const Welcome = lazy(() => import('../pages/gate/Welcome'));

export function App() {
  return (
    <>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/sign-in"><SignIn /></Route>
          <Route path="/welcome"><Welcome /></Route>
          <Route><Inside /></Route>
        </Switch>
      </Suspense>
      <Toasts />
    </>
  );
}

/** All that needs someone signed in. */
function Inside() {
  const [path] = useLocation();
  const { data: session, error, refetch } = useSessionQuery();
  if (error) return <div className="gate"><main><Fault error={error} again={() => void refetch()} /></main></div>;
  if (session === undefined) return null;
  if (session === null) return <Redirect to={`/sign-in?to=${encodeURIComponent(path)}`} replace />;
  return (
    <SessionProvider session={session}>
      <Shell>
        <Suspense fallback={<Loading lines={8} />}>
          <Switch>
            <Route path="/"><Overview /></Route>
            <Route path="/fleet"><Fleet /></Route>
            <Route><NotFound /></Route>
          </Switch>
        </Suspense>
      </Shell>
    </SessionProvider>
  );
}
