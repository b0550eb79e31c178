// Generated from src/api/openapi.yaml by `npm run types`. Do not edit.
export interface paths {
    "/api/v1/openapi.yaml": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getSetup"];
        put?: never;
        post: operations["setUp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getSession"];
        put?: never;
        post: operations["logIn"];
        delete: operations["logOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listAccounts"];
        put?: never;
        post: operations["addAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["removeAccount"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listDevices"];
        put?: never;
        post: operations["addDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getDevice"];
        put: operations["changeDevice"];
        post?: never;
        delete: operations["removeDevice"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/replacement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["replaceDevice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listDeviceSettings"];
        put: operations["putDeviceSetting"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/firmware": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["uploadFirmware"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/devices/{id}/upgrade": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getUpgrade"];
        put?: never;
        post: operations["startUpgrade"];
        delete: operations["cancelUpgrade"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listPoints"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listBuses"];
        put?: never;
        post: operations["addBus"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put: operations["changeBus"];
        post?: never;
        delete: operations["removeBus"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses/{id}/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["askBus"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses/{id}/frames": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listFrames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/buses/{id}/capture": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getCapture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sharing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getSharing"];
        put: operations["putSharing"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/site/reload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["reloadSite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/ports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listPorts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/profiles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listProfiles"];
        put?: never;
        post: operations["addProfile"];
        delete: operations["removeProfile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/scan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getScan"];
        put?: never;
        post: operations["startScan"];
        delete: operations["cancelScan"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/history/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listSeries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/energy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getEnergy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["exportHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listDecisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/alarms": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listAlarms"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings/control": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["getControlSettings"];
        put: operations["putControlSettings"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["openLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            error: {
                kind: "timeout" | "refused" | "malformed" | "out_of_range" | "unsupported" | "unavailable" | "denied" | "corrupt" | "internal";
                text: string;
                remedy?: string;
                code?: components["schemas"]["SaidCode"];
                values?: components["schemas"]["SaidValues"];
                field?: string;
                retry_after_s?: number;
            };
        };
        SaidCode: string;
        SaidValues: {
            [key: string]: string | components["schemas"]["SaidPart"];
        };
        SaidPart: {
            text: string;
            code: components["schemas"]["SaidCode"];
            values: components["schemas"]["SaidValues"];
        };
        Said: {
            code: components["schemas"]["SaidCode"];
            values: components["schemas"]["SaidValues"];
        };
        Told: {
            text: string;
            code?: components["schemas"]["SaidCode"];
            values?: components["schemas"]["SaidValues"];
        };
        Setup: {
            needed: boolean;
        };
        SetupRequest: {
            code: string;
            username: components["schemas"]["Username"];
            password: components["schemas"]["NewPassword"];
            language?: string;
        };
        LoginRequest: {
            username: string;
            password: string;
        };
        PasswordChange: {
            old: string;
            new: components["schemas"]["NewPassword"];
        };
        Username: string;
        NewPassword: string;
        Role: "viewer" | "owner" | "installer";
        Session: {
            username: string;
            role: components["schemas"]["Role"];
            language: string | null;
            expires: number;
            last_logins: components["schemas"]["Login"][];
        };
        Login: {
            at: number;
            address: string;
            ok: boolean;
        };
        Account: {
            username: string;
            role: components["schemas"]["Role"];
            created: number;
            last_login: number | null;
        };
        AccountList: {
            accounts: components["schemas"]["Account"][];
        };
        NewAccount: {
            username: components["schemas"]["Username"];
            password: components["schemas"]["NewPassword"];
            role: components["schemas"]["Role"];
        };
        AuditList: {
            rows: components["schemas"]["AuditRow"][];
        };
        AuditRow: {
            at: number;
            who: string;
            address: string;
            what: string;
            old: string | null;
            new: string | null;
        };
        Status: {
            name: string;
            version: string;
            started: number;
            now: number;
            timezone: string;
            cycle: {
                period_ms: number;
                count: number;
                late_ms_max: number;
            };
            history: {
                samples: number;
                bytes: number;
                oldest: number | null;
                lost: number;
            };
            memory_bytes: number;
            cpu_percent: number | null;
        };
        Flow: {
            value: number | null;
            age_ms: number | null;
        };
        Overview: {
            at: number;
            sentence: {
                key: "charging_from_sun" | "discharging_to_house" | "feeding_in" | "importing" | "feed_in_limited" | "feed_in_exceeded" | "balanced" | "meter_unknown" | "no_devices";
                values: {
                    [key: string]: number;
                };
            };
            flow: {
                pv_w: components["schemas"]["Flow"];
                battery_w: components["schemas"]["Flow"];
                grid_w: components["schemas"]["Flow"];
                house_w: components["schemas"]["Flow"];
                battery_soc: components["schemas"]["Flow"];
            };
            today: {
                pv_wh: number | null;
                house_wh: number | null;
                import_wh: number | null;
                export_wh: number | null;
                charged_wh: number | null;
                discharged_wh: number | null;
                self_consumption_percent: number | null;
                autarky_percent: number | null;
            };
            feed_in_limit: {
                mode: components["schemas"]["FeedInMode"];
                value: number;
                limit_w: number | null;
                active: boolean;
                exceeded: boolean;
            };
            alarms: {
                critical: number;
                major: number;
                minor: number;
                warning: number;
            };
        };
        Statistics: {
            requests: number;
            answers: number;
            timeouts: number;
            crc_errors: number;
            exceptions: number;
            latency_us_p50: number;
            latency_us_p90: number;
            latency_us_p99: number;
        };
        Device: {
            id: string;
            name: string;
            maker: string;
            model: string;
            serial: string;
            firmware: string;
            profile: string;
            use: components["schemas"]["Use"];
            bus: string;
            unit: number;
            state: "online" | "offline" | "starting" | "quarantined";
            since: number | null;
            last_data: number | null;
            problem: string | null;
            problem_said: components["schemas"]["Said"] | null;
            capabilities: string[];
            verified: "documented" | "single-source" | "captured" | "device";
            fallback: {
                role: string;
                reverts: boolean;
                after_s: number | null;
                to: string;
            }[];
            statistics: components["schemas"]["Statistics"];
            rated_power_w: number | null;
            serial_expected: string | null;
            via: components["schemas"]["ViaOrNone"];
            takes_firmware: boolean;
            firmware_support: {
                verdict: "unknown" | "supported" | "unsupported";
                text: string;
                code?: components["schemas"]["SaidCode"];
                values?: components["schemas"]["SaidValues"];
            };
        };
        DeviceList: {
            devices: components["schemas"]["Device"][];
        };
        Use: "grid_meter" | "pv" | "hybrid" | "battery" | "charger" | "sub_meter";
        Via: "lan" | "router";
        ViaOrNone: components["schemas"]["Via"] | null;
        Id: string;
        Created: {
            id: string;
        };
        DeviceName: string;
        SerialNumber: string;
        ProfileName: string;
        RatedPower: number | null;
        NewDevice: {
            id?: components["schemas"]["Id"];
            name: components["schemas"]["DeviceName"];
            profile: components["schemas"]["ProfileName"];
            bus: components["schemas"]["Id"];
            unit: number;
            use: components["schemas"]["Use"];
            rated_power_w?: components["schemas"]["RatedPower"];
            serial?: components["schemas"]["SerialNumber"];
            via?: components["schemas"]["ViaOrNone"];
        };
        DeviceChange: {
            name: components["schemas"]["DeviceName"];
            use: components["schemas"]["Use"];
            rated_power_w?: components["schemas"]["RatedPower"];
            serial?: components["schemas"]["SerialNumber"];
            via?: components["schemas"]["ViaOrNone"];
        };
        Replacement: {
            serial?: components["schemas"]["SerialNumber"];
            bus?: components["schemas"]["Id"];
            unit?: number;
            profile?: components["schemas"]["ProfileName"];
        };
        DeviceSetting: {
            key: string;
            text: string;
            unit: string;
            value: number | null;
            min: number;
            max: number;
            step: number;
            choices: {
                value: number;
                text: string;
            }[];
            owners: boolean;
            writable: boolean;
            warning: string | null;
            problem: string | null;
            problem_said: components["schemas"]["Said"] | null;
        };
        DeviceSettingList: {
            settings: components["schemas"]["DeviceSetting"][];
        };
        DeviceSettingChange: {
            key: string;
            value: number;
        };
        DeviceSettingWritten: {
            key: string;
            before: number | null;
            value: number;
        };
        FirmwarePiece: {
            image: string;
            size: number;
            offset: number;
            data?: string;
        };
        FirmwareProgress: {
            image: string;
            size: number;
            received: number;
            complete: boolean;
        };
        UpgradeOrder: {
            image: string;
            take_unsupported: boolean;
        };
        Upgrade: {
            state: "idle" | "transferring" | "verifying" | "installing" | "done" | "failed" | "cancelled" | "interrupted";
            percent: number;
            text: string;
            code?: components["schemas"]["SaidCode"];
            values?: components["schemas"]["SaidValues"];
            from: string | null;
            to: string | null;
            image: string | null;
            bytes_per_s: number | null;
            remaining_s: number | null;
        };
        Quality: "good" | "stale" | "invalid" | "unknown";
        Point: {
            id: string;
            device: string;
            role: string;
            unit: string;
            kind: "state" | "counter" | "setting" | "setpoint";
            value: number | null;
            quality: components["schemas"]["Quality"];
            age_ms: number | null;
            text: string | null;
        };
        PointList: {
            at: number;
            points: components["schemas"]["Point"][];
        };
        UnitStatistics: components["schemas"]["Statistics"] & {
            unit: number;
            silent: boolean;
        };
        Bus: {
            id: string;
            link: string;
            connected: boolean;
            problem: string | null;
            problem_said: components["schemas"]["Said"] | null;
            utilisation: number;
            bytes_in: number;
            bytes_out: number;
            reconnects: number;
            units: components["schemas"]["UnitStatistics"][];
            settings: components["schemas"]["BusSettings"];
            budget: components["schemas"]["BusBudget"] | null;
        };
        BusSettings: components["schemas"]["SerialSettings"] | components["schemas"]["TcpSettings"];
        SerialSettings: {
            kind: "serial";
            port: string;
            baud: number;
            parity: "none" | "even" | "odd";
            stop_bits: number;
        };
        TcpSettings: {
            kind: "tcp";
            host: string;
            port: number;
            framing: "tcp" | "rtu";
        };
        BusBudget: {
            utilisation: number;
            verdict: "fits" | "replanned" | "too_much";
            text: string;
            code?: components["schemas"]["SaidCode"];
            values?: components["schemas"]["SaidValues"];
            refresh: {
                device: string;
                guaranteed_ms: number;
                measured_ms: number | null;
                upgrading_ms?: number | null;
            }[];
            estimated: boolean;
            spread: {
                device: string;
                every_s: number;
                wanted_s: number;
            }[];
        };
        NewBus: {
            id: components["schemas"]["Id"];
            settings: components["schemas"]["BusSettings"];
        };
        BusChange: {
            settings: components["schemas"]["BusSettings"];
            set_anyway: boolean;
        };
        RawRequest: {
            unit: number;
            pdu?: string;
            function?: number;
            address?: number;
            count?: number;
            values?: number[];
        };
        RawAnswer: {
            pdu: string;
            exception: {
                code: number;
                text: string;
            } | null;
            values: number[] | null;
            took_ms: number;
        };
        Frame: {
            number: number;
            at: number;
            direction: "sent" | "heard";
            hex: string;
            text: string;
            note: string;
        };
        FrameList: {
            frames: components["schemas"]["Frame"][];
            next: number;
            dropped: number;
        };
        PortList: {
            ports: {
                path: string;
                text: string;
                bus: string | null;
            }[];
        };
        Profile: {
            name: string;
            products: string[];
            use: components["schemas"]["Use"];
            uses: components["schemas"]["Use"][];
            verified: "documented" | "single-source" | "captured" | "device";
            unit: number;
            baud: number;
            identifies: boolean;
            pack: boolean;
            over_shipped: boolean;
            problem: string | null;
        };
        ProfileList: {
            profiles: components["schemas"]["Profile"][];
        };
        NewProfile: {
            name: components["schemas"]["ProfileName"];
            text: string;
            over_shipped?: boolean;
        };
        ProfileAdded: {
            name: string;
        };
        SharingClient: {
            address: string;
            rights: "read" | "write";
            devices?: components["schemas"]["Id"][];
            writable?: {
                device: components["schemas"]["Id"];
                registers: string[];
            }[];
        };
        SharingSettings: {
            enabled: boolean;
            address: string;
            port: number;
            max_clients: number;
            cache_ms: number;
            devices?: {
                id: components["schemas"]["Id"];
                unit: number;
            }[];
            clients?: components["schemas"]["SharingClient"][];
        };
        Sharing: components["schemas"]["SharingSettings"] & {
            listening: boolean;
            problem: string | null;
            connections: number;
            turned_away: number;
            requests: number;
            from_cache: number;
            refused: number;
            writes: number;
            seen: components["schemas"]["SharingFigures"][];
        };
        SharingFigures: {
            address: string;
            requests: number;
            from_cache: number;
            refused: number;
            writes: number;
            last_seen: number;
            age_ms: number | null;
            age_max_ms: number | null;
        };
        ReloadOrder: {
            apply: boolean;
        };
        Reload: {
            applied: boolean;
            differences: {
                part: "bus" | "device" | "modbus_server" | "site";
                id: string | null;
                change: "added" | "removed" | "changed";
                text: string;
                needs_restart: boolean;
            }[];
        };
        ScanOrder: {
            lines?: {
                bus: components["schemas"]["Id"];
                first: number;
                last: number;
            }[];
            bauds?: number[];
            networks?: string[];
            own_networks: boolean;
        };
        Found: {
            place: string;
            bus: string | null;
            host: string | null;
            port: number | null;
            unit: number;
            baud: number | null;
            maker: string;
            model: string;
            serial: string;
            firmware: string;
            profile: string | null;
            candidates: string[];
            use: components["schemas"]["Use"] | null;
            device: string | null;
            note: string | null;
            notes: components["schemas"]["Told"][];
            is_double: boolean;
            reason_said: components["schemas"]["Said"] | null;
            reason: string | null;
        };
        Scan: {
            state: "idle" | "running" | "cancelled" | "done";
            asked: number;
            total: number;
            now: string | null;
            remaining_s: number | null;
            messages: string[];
            messages_said: (components["schemas"]["Said"] | null)[];
            found: components["schemas"]["Found"][];
        };
        BusList: {
            buses: components["schemas"]["Bus"][];
        };
        HistorySeries: {
            series: string;
            unit: string;
            from: number;
            to: number;
            step_ms: number;
            t: number[];
            min: number[];
            mean: number[];
            max: number[];
            count: number[];
        };
        History: {
            results: components["schemas"]["HistorySeries"][];
        };
        SeriesList: {
            series: {
                id: string;
                unit: string;
                resolution: number;
                first: number | null;
                last: number | null;
            }[];
        };
        EnergyColumn: (number | null)[];
        Energy: {
            step: "hour" | "day" | "month";
            t: number[];
            pv_wh: components["schemas"]["EnergyColumn"];
            house_wh: components["schemas"]["EnergyColumn"];
            import_wh: components["schemas"]["EnergyColumn"];
            export_wh: components["schemas"]["EnergyColumn"];
            charged_wh: components["schemas"]["EnergyColumn"];
            discharged_wh: components["schemas"]["EnergyColumn"];
        };
        ChainLink: {
            kind: "request" | "limit" | "result";
            rank: "nameplate" | "bms" | "grid_operator" | "fuse" | "peak" | "user" | "strategy";
            source: string;
            text: string;
            code?: components["schemas"]["SaidCode"];
            values?: components["schemas"]["SaidValues"];
            low: number | null;
            high: number | null;
            value: number | null;
        };
        Decision: {
            at: number;
            device: string;
            role: string;
            unit: string;
            value: number | null;
            expires: number;
            state: "pending" | "in_force" | "refused" | "unreachable" | "released";
            read_back: number | null;
            chain: components["schemas"]["ChainLink"][];
        };
        DecisionList: {
            decisions: components["schemas"]["Decision"][];
        };
        Alarm: {
            id: number;
            cause: number;
            name: string;
            severity: "critical" | "major" | "minor" | "warning";
            source: string;
            raised: number;
            cleared: number | null;
            text: string;
            code?: components["schemas"]["SaidCode"];
            values?: components["schemas"]["SaidValues"];
            suggestion: string;
        };
        AlarmList: {
            alarms: components["schemas"]["Alarm"][];
        };
        FeedInMode: "none" | "zero" | "watts" | "percent";
        SelfConsumption: {
            enabled: boolean;
            import_target_w: number;
        };
        FeedInLimit: {
            mode: components["schemas"]["FeedInMode"];
            value: number;
        };
        ControlSettingsChange: {
            self_consumption: components["schemas"]["SelfConsumption"];
            feed_in_limit: components["schemas"]["FeedInLimit"];
        };
        ControlSettings: {
            self_consumption: components["schemas"]["SelfConsumption"];
            feed_in_limit: components["schemas"]["FeedInLimit"];
            changed_by: string | null;
            changed_at: number | null;
        };
        LiveMessage: components["schemas"]["LiveHello"] | components["schemas"]["LiveUpdate"] | components["schemas"]["LiveDecision"] | components["schemas"]["LiveAlarm"] | components["schemas"]["LivePong"];
        LiveHello: {
            type: "hello";
            seq: number;
            at: number;
            points: components["schemas"]["Point"][];
            overview: components["schemas"]["Overview"];
        };
        LiveUpdate: {
            type: "update";
            seq: number;
            at: number;
            points: components["schemas"]["PointChange"][];
            overview: components["schemas"]["Overview"];
        };
        PointChange: [
            string,
            number | null,
            components["schemas"]["Quality"],
            number | null,
            string
        ];
        LiveDecision: {
            type: "decision";
            decision: components["schemas"]["Decision"];
        };
        LiveAlarm: {
            type: "alarm";
            alarm: components["schemas"]["Alarm"];
        };
        LivePong: {
            type: "pong";
        };
    };
    responses: {
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        SessionOpened: {
            headers: {
                "Set-Cookie"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Session"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getDescription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/yaml": string;
                };
            };
        };
    };
    getSetup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Setup"];
                };
            };
        };
    };
    setUp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            201: components["responses"]["SessionOpened"];
            400: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    logIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequest"];
            };
        };
        responses: {
            200: components["responses"]["SessionOpened"];
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    logOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            429: components["responses"]["Problem"];
        };
    };
    listAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountList"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
        };
    };
    addAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewAccount"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    removeAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                limit?: number;
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
        };
    };
    getStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    getOverview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    listDevices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceList"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    addDevice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewDevice"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Device"];
                };
            };
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    changeDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceChange"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    removeDevice: {
        parameters: {
            query: {
                bus: string;
                unit: number;
                profile: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    replaceDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Replacement"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listDeviceSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceSettingList"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    putDeviceSetting: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeviceSettingChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeviceSettingWritten"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    uploadFirmware: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FirmwarePiece"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirmwareProgress"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getUpgrade: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upgrade"];
                };
            };
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    startUpgrade: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpgradeOrder"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upgrade"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    cancelUpgrade: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listPoints: {
        parameters: {
            query?: {
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointList"];
                };
            };
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
        };
    };
    listBuses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BusList"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    addBus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewBus"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Created"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    changeBus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BusChange"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    removeBus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    askBus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RawRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RawAnswer"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            502: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
            504: components["responses"]["Problem"];
        };
    };
    listFrames: {
        parameters: {
            query?: {
                from?: number;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FrameList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getCapture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getSharing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sharing"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    putSharing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SharingSettings"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sharing"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    reloadSite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReloadOrder"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reload"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listPorts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PortList"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listProfiles: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileList"];
                };
            };
            401: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    addProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewProfile"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProfileAdded"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    removeProfile: {
        parameters: {
            query: {
                name: components["schemas"]["ProfileName"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getScan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scan"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    startScan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScanOrder"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scan"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            409: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    cancelScan: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getHistory: {
        parameters: {
            query: {
                series: string[];
                from: number;
                to: number;
                buckets?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listSeries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeriesList"];
                };
            };
            401: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    getEnergy: {
        parameters: {
            query: {
                from: number;
                to: number;
                step: "hour" | "day" | "month";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Energy"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    exportHistory: {
        parameters: {
            query: {
                series: string[];
                from: number;
                to: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            404: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    listDecisions: {
        parameters: {
            query?: {
                limit?: number;
                before?: number;
                device?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecisionList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
        };
    };
    listAlarms: {
        parameters: {
            query?: {
                active?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlarmList"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
        };
    };
    getControlSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControlSettings"];
                };
            };
            401: components["responses"]["Problem"];
        };
    };
    putControlSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ControlSettingsChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ControlSettings"];
                };
            };
            400: components["responses"]["Problem"];
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            503: components["responses"]["Problem"];
        };
    };
    openLive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveMessage"];
                };
            };
            401: components["responses"]["Problem"];
            403: components["responses"]["Problem"];
            426: components["responses"]["Problem"];
        };
    };
}
