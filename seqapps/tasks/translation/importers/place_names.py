"""Names of places that Spanish and English write otherwise."""

from seqapps.tasks.translation.importers.word_pairs import pairs_of

BOTH_WAYS = """
Abiyán Abidjan|Abu_Dabi Abu_Dhabi|Adrianópolis Adrianople|Adís_Abeba Addis_Ababa
Afganistán Afghanistan|Alejandría Alexandria|Alemania Germany|Alepo Aleppo
Alsacia Alsace|Amberes Antwerp|Ammán Amman|Andalucía Andalusia
Antártida Antarctica|Aquisgrán Aachen|Aquitania Aquitaine
Arabia_Saudita Saudi_Arabia|Arabia_Saudí Saudi_Arabia|Argel Algiers
Argelia Algeria|Arlés Arles|Asuán Aswan|Atenas Athens|Augsburgo Augsburg
Aviñón Avignon|Azerbaiyán Azerbaijan|Babilonia Babylon|Bagdad Baghdad
Baja_Sajonia Lower_Saxony|Bakú Baku|Bangladés Bangladesh|Baréin Bahrain
Basilea Basel|Basora Basra|Baviera Bavaria|Belgrado Belgrade|Belice Belize
Bengasi Benghazi|Benín Benin|Berlín Berlin|Berna Bern|Besanzón Besançon
Bielorrusia Belarus|Bizancio Byzantium|Bombay Mumbai|Botsuana Botswana
Brasil Brazil|Brema Bremen|Brunéi Brunei|Bruselas Brussels|Bucarest Bucharest
Bujará Bukhara|Bután Bhutan|Bélgica Belgium|Bérgamo Bergamo
Cabo_Verde Cape_Verde|Cachemira Kashmir|Calcuta Kolkata|Camberra Canberra
Camboya Cambodia|Camerún Cameroon|Canadá Canada|Cantorbery Canterbury
Cantórbery Canterbury|Capadocia Cappadocia|Carcasona Carcassonne
Carintia Carinthia|Carolina_del_Norte North_Carolina
Carolina_del_Sur South_Carolina|Cartago Carthage
Castilla_y_León Castile_and_León|Cataluña Catalonia|Ceilán Ceylon
Cerdeña Sardinia|Chequia Czechia|Cherburgo Cherbourg|Chernóbil Chernobyl
Chipre Cyprus|Ciudad_Ho_Chi_Minh Ho_Chi_Minh_City
Ciudad_de_Guatemala Guatemala_City|Ciudad_de_México Mexico_City
Ciudad_de_Panamá Panama_City|Ciudad_del_Cabo Cape_Town
Ciudad_del_Vaticano Vatican_City|Coblenza Koblenz
Columbia_Británica British_Columbia|Constantinopla Constantinople
Copenhague Copenhagen|Corea_del_Norte North_Korea|Corea_del_Sur South_Korea
Corfú Corfu|Cornualles Cornwall|Costa_de_Marfil Ivory_Coast|Coímbra Coimbra
Cracovia Kraków|Creta Crete|Croacia Croatia|Cádiz Cadiz|Córcega Corsica
Dakota_del_Norte North_Dakota|Dakota_del_Sur South_Dakota|Dalmacia Dalmatia
Damasco Damascus|Delfos Delphi|Dinamarca Denmark|Dublín Dublin|Dubái Dubai
Duisburgo Duisburg|Edimburgo Edinburgh|Egipto Egypt|Ekaterimburgo Yekaterinburg
El_Cairo Cairo|Ereván Yerevan|Escandinavia Scandinavia|Escocia Scotland
Eslovaquia Slovakia|Eslovenia Slovenia|Esmirna İzmir|Estambul Istanbul
Estiria Styria|Estocolmo Stockholm|Estrasburgo Strasbourg|Esuatini Eswatini
Etiopía Ethiopia|Filadelfia Philadelphia|Finlandia Finland|Fiyi Fiji
Flandes Flanders|Francia France|Fráncfort Frankfurt|Gabón Gabon|Gante Ghent
Gomorra Gomorrah|Gotemburgo Gothenburg|Gotinga Göttingen
Gran_Bretaña Great_Britain|Grecia Greece|Groenlandia Greenland
Guayana_Francesa French_Guiana|Guinea_Ecuatorial Equatorial_Guinea|Guiza Giza
Génova Genoa|Haití Haiti|Hanói Hanoi|Hawái Hawaii|Hebrón Hebron
Herculano Herculaneum|Honolulú Honolulu|Hungría Hungary|Irak Iraq
Irlanda_del_Norte Northern_Ireland|Isfahán Isfahan|Islandia Iceland
Italia Italy|Japón Japan|Jartum Khartoum|Jartún Khartoum|Jericó Jericho
Jerusalén Jerusalem|Johannesburgo Johannesburg|Járkov Kharkiv
Kaliningrado Kaliningrad|Katmandú Kathmandu|Kazajistán Kazakhstan
Kazajstán Kazakhstan|Kazán Kazan|Kenia Kenya|Kiev Kyiv|Kinsasa Kinshasa
Kioto Kyoto|Kirguistán Kyrgyzstan|La_Habana Havana|La_Haya The_Hague
La_Meca Mecca|La_Valeta Valletta|Laponia Lapland|Lausana Lausanne
Leningrado Leningrad|Lesoto Lesotho|Letonia Latvia|Leópolis Lviv|Libia Libya
Lieja Liège|Lisboa Lisbon|Lituania Lithuania|Liubliana Ljubljana
Lombardía Lombardy|Los_Ángeles Los_Angeles|Lovaina Leuven|Lubeca Lübeck
Lucerna Lucerne|Luisiana Louisiana|Luxemburgo Luxembourg|Líbano Lebanon
Lúxor Luxor|Macedonia_del_Norte North_Macedonia|Malasia Malaysia|Malaui Malawi
Mallorca Majorca|Malí Mali|Marruecos Morocco
Marsella Marseille|Mascate Muscat|Mesina Messina|Micenas Mycenae|Miconos Mykonos
Misisipi Mississippi|Misisipí Mississippi|Misuri Missouri|Mogadiscio Mogadishu
Moldavia Moldova|Moscú Moscow|Málaga Malaga|México Mexico|Módena Modena
Mónaco Monaco|Múnich Munich|Nankín Nanjing|Nazaret Nazareth|Nicea Nicaea
Nimes Nîmes|Nom_Pen Phnom_Penh|Normandía Normandy|Noruega Norway
Nueva_Caledonia New_Caledonia|Nueva_Delhi New_Delhi|Nueva_Escocia Nova_Scotia
Nueva_Gales_del_Sur New_South_Wales|Nueva_Guinea New_Guinea
Nueva_Inglaterra New_England|Nueva_Jersey New_Jersey|Nueva_Orleans New_Orleans
Nueva_York New_York|Nueva_Zelanda New_Zealand|Nuevo_Hampshire New_Hampshire
Nuevo_México New_Mexico|Nápoles Naples|Níger Niger|Nínive Nineveh
Núremberg Nuremberg|Occitania Occitanie|Oregón Oregon|Pakistán Pakistan
Palestina Palestine|Panamá Panama|Papúa_Nueva_Guinea Papua_New_Guinea
Pekín Beijing|Pensilvania Pennsylvania|Perpiñán Perpignan|Perú Peru
Pionyang Pyongyang|Polonia Poland|Pompeya Pompeii|Praga Prague|Provenza Provence
Prusia Prussia|Puerto_España Port_of_Spain|Puerto_Príncipe Port-au-Prince
Pésaro Pesaro|Rangún Yangon|Ratisbona Regensburg|Reikiavik Reykjavik|Riad Riyadh
Ruanda Rwanda|Rumanía Romania|Rusia Russia|Rávena Ravenna|Rímini Rimini
Río_de_Janeiro Rio_de_Janeiro|Róterdam Rotterdam|Saigón Saigon|Sajonia Saxony
Salzburgo Salzburg|Salónica Thessaloniki|Samarcanda Samarkand
San_Galo St._Gallen|San_Petersburgo Saint_Petersburg|Santo_Tomé São_Tomé
Saná Sanaa|Sebastopol Sevastopol|Sevilla Seville|Seúl Seoul|Shanghái Shanghai
Sicilia Sicily|Sierra_Leona Sierra_Leone|Singapur Singapore|Siracusa Syracuse
Siria Syria|Skopie Skopje|Sodoma Sodom|Stalingrado Stalingrad|Suabia Swabia
Sudáfrica South_Africa|Sudán Sudan|Sudán_del_Sur South_Sudan|Suecia Sweden
Suiza Switzerland|Surinam Suriname|Tailandia Thailand|Taipéi Taipei
Taiwán Taiwan|Tallin Tallinn|Taskent Tashkent|Tayikistán Tajikistan
Teherán Tehran|Terranova Newfoundland|Tesalia Thessaly|Tetuán Tetouan
Tiflis Tbilisi|Timor_Oriental East_Timor|Tirol Tyrol|Tokio Tokyo
Tombuctú Timbuktu|Toscana Tuscany|Transilvania Transylvania
Trinidad_y_Tobago Trinidad_and_Tobago|Trípoli Tripoli|Tubinga Tübingen
Turingia Thuringia|Turkmenistán Turkmenistan|Turín Turin|Tánger Tangier
Ucrania Ukraine|Ulán_Bator Ulaanbaatar|Umbría Umbria|Uzbekistán Uzbekistan
Valaquia Wallachia|Varsovia Warsaw|Venecia Venice|Versalles Versailles
Vesubio Vesuvius|Viena Vienna|Vilna Vilnius|Virginia_Occidental West_Virginia
Volgogrado Volgograd|Westfalia Westphalia|Wolfsburgo Wolfsburg
Wurzburgo Würzburg|Yakarta Jakarta|Yibuti Djibouti|Zanzíbar Zanzibar
Zimbabue Zimbabwe|Zúrich Zurich|África Africa|Ámsterdam Amsterdam|Éfeso Ephesus
"""
# in English a word or a name too, or one that follows "the"
FROM_SPANISH = """
Adriático Adriatic|Adén Aden|Alpes Alps|Apalaches Appalachians
Apeninos Apennines|Balcanes Balkans|Borgoña Burgundy|Burdeos Bordeaux
Báltico Baltic|Caribe Caribbean|Cárpatos Carpathians|Cáucaso Caucasus
Danubio Danube|Dolomitas Dolomites|Dresde Dresden|Dunkerque Dunkirk|Egeo Aegean
Esparta Sparta|Friburgo Freiburg|Gales Wales|Garona Garonne|Ginebra Geneva
Hamburgo Hamburg|Hanóver Hanover|Himalaya Himalayas|Inglaterra England
Irlanda Ireland|Jordania Jordan|Loira Loire|Londres London|Maguncia Mainz
Mar_Caspio Caspian_Sea|Mar_Muerto Dead_Sea|Mar_Negro Black_Sea|Mar_Rojo Red_Sea
Mar_del_Norte North_Sea|Mediterráneo Mediterranean|Milán Milan|Mosela Moselle
Nilo Nile|Niza Nice|Oporto Porto|París Paris|País_Vasco Basque_Country
Países_Bajos Netherlands|Peloponeso Peloponnese|Perusa Perugia|Piamonte Piedmont
Pirineos Pyrenees|Renania Rhineland|Roma Rome|Ródano Rhône
Selva_Negra Black_Forest|Sídney Sydney|Tarento Taranto|Tracia Thrace|Troya Troy
Tréveris Trier|Turquía Turkey|Támesis Thames|Tíber Tiber|Urales Urals
Vascongadas Basque_Country|Vístula Vistula|Éufrates Euphrates
"""
# in Spanish a word or a name too
FROM_ENGLISH = """
Belén Bethlehem|Brujas Bruges|Catar Qatar|Irán Iran|Magdeburgo Magdeburg
Malinas Mechelen|Omán Oman|Orleans Orléans|Picardía Picardy|Ruan Rouen
Tebas Thebes|Tolosa Toulouse
"""


def place_names(source: str, target: str) -> list[tuple[str, str]]:
    """Names of places and their translations, as they are always translated.

    The commonest that are words too, such as "Turkey", are left to the
    network.

    Args:
        source: the language of the texts, such as "es".
        target: that of their translations.

    Returns:
        Pairs, of Spanish and English; none for other languages.
    """
    tables = {
        ("es", "en"): BOTH_WAYS + FROM_SPANISH,
        ("en", "es"): BOTH_WAYS + FROM_ENGLISH,
    }
    pairs = pairs_of(tables.get((source, target), ""))
    if source == "en":
        pairs = [[english, spanish] for spanish, english in pairs]
    # of two spellings the first is written
    return list({name: (name, other) for name, other in pairs[::-1]}.values())
