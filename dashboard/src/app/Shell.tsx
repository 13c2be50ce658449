import { Suspense, useEffect } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { signOut } from '../client';
import { Menu, Skeleton } from '../parts';
import { commitPending, Toasts } from '../parts/toasts';
import { ConnectionSign } from './ConnectionSign';
import { navigation } from './routes';
import { SearchButton } from './SearchButton';
import { prefer, usePreference, type Preference } from './theme';
import { useGo } from './useGo';
import { useViewer } from './viewer';
import styles from './Shell.module.css';

const NEXT: Readonly<Record<Preference, Preference>> = { system: 'light', light: 'dark', dark: 'system' };
const LOOKS: Readonly<Record<Preference, string>> = { system: 'as the system', light: 'light', dark: 'dark' };

/** The frame around every page: navigation, search, connection, whoever is signed in. */
export function Shell() {
  const viewer = useViewer();
  const go = useGo();
  const look = usePreference();
  const { pathname } = useLocation();
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    scrollTo(0, 0);
  }, [pathname]);
  const leave = (): void => {
    commitPending();
    signOut();
  };
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <header className={styles.top}>
        <nav aria-label="Pages" className={styles.nav}>
          {navigation.map(({ path, name }) => (
            <NavLink key={path} to={path} end={path === '/'} className={styles.link ?? ''}>
              {name}
            </NavLink>
          ))}
        </nav>
        <div className={styles.tools}>
          <ConnectionSign />
          <SearchButton />
          <Menu
            label={viewer.name}
            isSmall
            look="quiet"
            choices={[
              { id: 'settings', label: 'Settings', act: () => go('/settings') },
              { id: 'look', label: `Appearance: ${LOOKS[look]}`, act: () => prefer(NEXT[look]) },
              { id: 'out', label: 'Sign out', act: leave },
            ]}
          />
        </div>
      </header>
      <main id="content" className={styles.content} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Toasts />
    </div>
  );
}

function Loading() {
  return (
    <div className={styles.loading}>
      <Skeleton lines={8} />
    </div>
  );
}
