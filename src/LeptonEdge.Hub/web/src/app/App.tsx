import { Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { LiveProvider } from '../live/LiveProvider';
import { Fault, Loading } from '../ui/parts';
import { Toasts } from '../ui/Toasts';
import { NotFound } from './NotFound';
import {
  Alarms,
  Audit,
  Device,
  Fleet,
  Jobs,
  Models,
  Overview,
  Settings,
  SignIn,
  SitePage,
  Sites,
  Usage,
  Welcome,
  WorkloadPage,
  Workloads,
} from './routes';
import { SessionProvider, useSessionQuery } from './session';
import { Shell } from './Shell';

export function App() {
  return (
    <>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/sign-in">
            <SignIn />
          </Route>
          <Route path="/welcome">
            <Welcome />
          </Route>
          <Route>
            <Inside />
          </Route>
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
  if (error)
    return (
      <div className="gate">
        <main>
          <Fault error={error} again={() => void refetch()} />
        </main>
      </div>
    );
  if (session === undefined) return null;
  if (session === null) return <Redirect to={`/sign-in?to=${encodeURIComponent(path)}`} replace />;
  return (
    <SessionProvider session={session}>
      <LiveProvider>
        <Shell>
          <Suspense fallback={<Loading lines={8} />}>
            <Switch>
              <Route path="/">
                <Overview />
              </Route>
              <Route path="/fleet">
                <Fleet />
              </Route>
              <Route path="/devices/:name/:tab?">
                {({ name, tab }) => <Device key={name} name={name} tab={tab ?? 'live'} />}
              </Route>
              <Route path="/sites">
                <Sites />
              </Route>
              <Route path="/sites/:site">{({ site }) => <SitePage name={decodeURIComponent(site)} />}</Route>
              <Route path="/alarms">
                <Alarms />
              </Route>
              <Route path="/workloads/:tab?">{({ tab }) => <Workloads tab={tab ?? 'now'} />}</Route>
              <Route path="/workloads/:device/:workload">
                {({ device, workload }) => <WorkloadPage device={device} workload={workload} />}
              </Route>
              <Route path="/models">
                <Models />
              </Route>
              <Route path="/jobs">
                <Jobs />
              </Route>
              <Route path="/usage">
                <Usage />
              </Route>
              <Route path="/audit">
                <Audit />
              </Route>
              <Route path="/settings/:tab?">{({ tab }) => <Settings tab={tab ?? 'looks'} />}</Route>
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </Shell>
      </LiveProvider>
    </SessionProvider>
  );
}
